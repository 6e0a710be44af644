// SPDX-License-Identifier: Apache-2.0
// A receiver's end of an engine: one cursor over its outputs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/engine/links.hpp"
#include "pipeline/engine/stage.hpp"

namespace roda {

/// Each reader sees every output and holds the last stage back until it has taken it. Destroying
/// one gives up its place.
///
/// Thread: one. Lives no longer than its engine.
template <Pod Output>
class alignas(contention_block_bytes) OutputReader {
  public:
    OutputReader(typename StageJournal<Output>::Reader reader, EngineLinks& links)
        : links_(&links), last_stage_(&links.last()), reader_(std::move(reader)) {}

    OutputReader(OutputReader&&) noexcept = default;
    OutputReader& operator=(OutputReader&&) noexcept = default;

    ~OutputReader() {
        { const auto leaving = std::move(reader_); }
        last_stage_->ring();  // its place held the last stage back
    }

    /// The next outputs, in place, until advance() passes them; empty when there are none now.
    std::span<const Output> peek(std::size_t max) noexcept { return reader_.peek(max); }

    /// Passes outputs that peek() showed.
    void advance(std::size_t records) noexcept {
        reader_.advance(records);
        last_stage_->ring();
    }

    /// The next output, if there is one.
    std::optional<Output> try_receive() noexcept {
        const std::span<const Output> next = peek(1);
        if (next.empty()) {
            return std::nullopt;
        }
        const Output record = next[0];
        advance(1);
        return record;
    }

    /// The next output, waiting for it: asleep, if it takes long. Nothing when none will come: the
    /// engine stopped, or failed and what lay behind the failed stage is received. Without threads
    /// it runs the stages.
    std::optional<Output> receive() {
        std::optional<Output> record;
        links_->persist(
            links_->receivers(),
            [&] { return (record = try_receive()).has_value(); },
            [this] { return links_->is_receive_in_vain(); });
        return record;
    }

  private:
    EngineLinks* links_;
    Bell* last_stage_;
    typename StageJournal<Output>::Reader reader_;
};

}  // namespace roda
