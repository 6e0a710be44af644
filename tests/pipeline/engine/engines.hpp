// SPDX-License-Identifier: Apache-2.0
// Small engines that several tests run.
#pragma once

#include <stdexcept>
#include <vector>

#include "pipeline/roda.hpp"

namespace roda {

inline constexpr auto plus_one = [](std::uint64_t value) { return value + 1; };

/// Two stages, each adds one.
inline auto counting_engine(std::uint64_t journal_records) {
    return roda::engine<std::uint64_t>({.journal_records = journal_records})
        .stage({.name = "first"}, map(plus_one))
        .stage({.name = "second"}, map(plus_one))
        .build();
}

template <class Engine>
auto take_all(Engine& engine) {
    std::vector<typename Engine::Output> outputs;
    while (auto output = engine.try_receive()) {
        outputs.push_back(*output);
    }
    return outputs;
}

}  // namespace roda
