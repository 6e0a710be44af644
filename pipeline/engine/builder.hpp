// SPDX-License-Identifier: Apache-2.0
// How an engine is written down:
//
//   auto alerts = roda::engine<Reading>({.journal_records = 1'000'000})
//                     .stage({.name = "aggregate", .core = 2}, pipe(stateful(...)))
//                     .stage({.name = "detect", .core = 3}, pipe(delta(...), dedup_by(...)))
//                     .build();
#pragma once

#include <memory>
#include <tuple>
#include <utility>

#include "pipeline/engine/engine.hpp"

namespace roda {

/// Collects stages; build() takes all the memory.
template <Pod In, class Output, class... Specs>
class EngineBuilder {
  public:
    explicit EngineBuilder(EngineOptions options, std::tuple<Specs...> specs = {})
        : options_(options), specs_(std::move(specs)) {}

    template <class Spec>
    auto stage(StageOptions options, Spec spec) && {
        static_assert(OperatorSpec<Spec, Output>,
                      "stage(): this pipe does not accept the record type produced before it");
        using Next = typename decltype(spec.template bind<Output>())::Output;
        return EngineBuilder<In, Next, Specs..., StageSpec<PipeSpec<Spec>>>(
            options_,
            std::tuple_cat(std::move(specs_),
                           std::make_tuple(StageSpec<PipeSpec<Spec>>{std::move(options),
                                                                     pipe(std::move(spec))})));
    }

    /// Each stage's memory is touched first on its core.
    ///
    /// Errors: StartupError when the memory or the cores are not there.
    std::unique_ptr<StageEngine<In, Specs...>> build() && {
        return std::apply(
            [this](const Specs&... specs) {
                return std::make_unique<StageEngine<In, Specs...>>(options_, specs...);
            },
            specs_);
    }

  private:
    EngineOptions options_;
    std::tuple<Specs...> specs_;
};

template <Pod In>
EngineBuilder<In, In> engine(const EngineOptions& options = {}) {
    return EngineBuilder<In, In>(options);
}

}  // namespace roda
