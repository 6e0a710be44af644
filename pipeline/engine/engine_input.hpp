// SPDX-License-Identifier: Apache-2.0
// The sender's end of an engine.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/base/check.hpp"
#include "pipeline/engine/links.hpp"
#include "pipeline/engine/stage.hpp"

namespace roda {

/// Thread: one sender.
template <Pod In>
class alignas(contention_block_bytes) EngineInput {
  public:
    EngineInput(std::uint64_t capacity_records, EngineLinks& links)
        : links_(&links),
          first_stage_(links.first()),
          max_claim_(
              static_cast<std::uint32_t>(std::min<std::uint64_t>(capacity_records, burst_records))),
          journal_({.capacity_records = capacity_records, .max_claim_records = max_claim_}) {}

    StageJournal<In>& journal() noexcept { return journal_; }

    std::uint32_t max_claim() const noexcept { return max_claim_; }

    bool try_send(const In& record) noexcept {
        const std::span<In> slot = journal_.claim(1);
        if (slot.empty()) {
            return false;
        }
        slot[0] = record;
        publish(1);
        return true;
    }

    bool send(const In& record) {
        return !links_->has_failed() && persist([&] { return try_send(record); });
    }

    std::size_t send(std::span<const In> records) {
        std::size_t sent = 0;
        while (sent < records.size() && !links_->has_failed()) {
            const std::span<const In> rest = records.subspan(sent);
            std::span<In> slots;
            if (!persist([&] { return !(slots = claim_some(rest.size())).empty(); })) {
                break;
            }
            std::copy_n(rest.begin(), slots.size(), slots.begin());
            publish(static_cast<std::uint32_t>(slots.size()));
            sent += slots.size();
        }
        return sent;
    }

    std::span<In> claim(std::uint32_t records) {
        check(records <= max_claim_, "a claim is at most max_claim() records");
        std::span<In> slots;
        if (!links_->has_failed()) {
            persist([&] { return !(slots = journal_.claim(records)).empty(); });
        }
        return slots;
    }

    void publish(std::uint32_t records) noexcept {
        journal_.publish(records);
        first_stage_.ring();
    }

  private:
    /// Room for as many as there is room for, up to `wanted`.
    std::span<In> claim_some(std::size_t wanted) noexcept {
        const std::uint64_t most = std::min<std::uint64_t>(wanted, max_claim_);
        const std::span<In> slots = journal_.claim(static_cast<std::uint32_t>(most));
        return !slots.empty() ? slots
                              : journal_.claim(static_cast<std::uint32_t>(
                                    std::min<std::uint64_t>(most, journal_.room())));
    }

    template <class Attempt>
    bool persist(const Attempt& attempt) {
        return links_->persist(
            links_->senders(), attempt, [this] { return links_->is_send_in_vain(); });
    }

    EngineLinks* links_;
    Bell& first_stage_;
    std::uint32_t max_claim_;
    StageJournal<In> journal_;
};

}  // namespace roda
