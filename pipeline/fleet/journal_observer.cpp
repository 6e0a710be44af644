// SPDX-License-Identifier: Apache-2.0
#include "pipeline/fleet/journal_observer.hpp"

#include <algorithm>
#include <cstring>

#include "pipeline/store/full_policy.hpp"
#include "pipeline/store/journal_shape.hpp"
#include "pipeline/store/word_copy.hpp"

namespace roda {
namespace {

/// A journal of whatever records its header names.
std::string fault_of(MappedBytes file) {
    LayoutPrefix prefix{};
    std::memcpy(&prefix, file.data(), std::min(sizeof(prefix), file.size()));
    const JournalShape records{1, 0, prefix.record_bytes};
    return records.mismatch(file.data(), file.size(), prefix.schema);
}

}  // namespace

JournalObserver::JournalObserver(const std::string& path) : region_(attach_layout(path, fault_of)) {
    record_bytes_ = header().record_bytes;
    ring_records_ = header().ring_records;
    overhang_records_ = header().overhang_records;
    policy_ = header().policy;
    // Once more on the copies, which nobody can change now.
    if (const std::string fault =
            extent_fault(bytes_of(region_), ring_records_ + overhang_records_, record_bytes_);
        !fault.empty()) {
        refuse_layout(path, fault);
    }
}

JournalState JournalObserver::state() const noexcept {
    const JournalHeader& now = header();
    JournalState state;
    state.record_bytes = record_bytes_;
    state.ring_records = ring_records_;
    state.capacity_records = now.capacity_records;
    state.schema = now.schema;
    state.policy = policy_;
    state.created_ns = now.created_ns;
    state.epoch = now.epoch.load(std::memory_order_acquire);
    state.published = now.published.load(std::memory_order_acquire);  // P2
    state.claimed = now.claimed.load(std::memory_order_relaxed);
    state.dropped = now.dropped.load(std::memory_order_relaxed);
    state.heartbeat_ns = now.heartbeat_ns.load(std::memory_order_relaxed);
    state.oldest = std::min(oldest(state.published, state.claimed), state.published);
    return state;
}

/// The first sequence that no write can have touched. Writers with gates say no `claimed`: a claim
/// of theirs goes at most overhang + 1 records beyond what is published.
std::uint64_t JournalObserver::oldest(std::uint64_t published,
                                      std::uint64_t claimed) const noexcept {
    if (policy_ == policy_code(FullPolicy::stop)) {
        return 0;
    }
    const std::uint64_t end =
        policy_ == policy_code(FullPolicy::lap) ? claimed : published + overhang_records_ + 1;
    return end > ring_records_ ? end - ring_records_ : 0;
}

JournalObserver::Copied JournalObserver::copy(std::uint64_t sequence,
                                              std::span<std::byte> to) const noexcept {
    if (to.size() < record_bytes_) {
        return Copied::no_room;
    }
    if (sequence >= header().published.load(std::memory_order_acquire)) {  // P2
        return Copied::not_yet;
    }
    const std::byte* from =
        region_.data() + journal_data_offset + (sequence & (ring_records_ - 1)) * record_bytes_;
    if (record_bytes_ % sizeof(SharedWord) == 0) {
        for (std::size_t at = 0; at < record_bytes_; at += sizeof(SharedWord)) {
            const SharedWord word =
                load_words<SharedWord>(reinterpret_cast<const SharedWord*>(from + at));  // R
            std::memcpy(to.data() + at, &word, sizeof(word));
        }
    } else {
        std::memcpy(to.data(), from, record_bytes_);
    }
    const std::uint64_t published = header().published.load(std::memory_order_acquire);
    const std::uint64_t claimed = header().claimed.load(std::memory_order_relaxed);  // C2
    return sequence < oldest(published, claimed) ? Copied::no_more : Copied::whole;
}

}  // namespace roda
