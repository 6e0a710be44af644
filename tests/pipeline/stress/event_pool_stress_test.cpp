// SPDX-License-Identifier: Apache-2.0
// Pooled events through a journal of their names: one thread makes ten million, three hold each of
// them for a while, in any order of release.
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <iostream>
#include <new>
#include <vector>

#include "pipeline/pool/event_pool.hpp"
#include "pipeline/store/journal.hpp"
#include "tests/pipeline/stress/crew.hpp"

namespace roda::stress {
namespace {

constexpr std::uint32_t burst_records = 32;
constexpr std::uint32_t slots = 200;  // fewer than the journal's names: it runs out now and then
using Names = Journal<EventRef, FullPolicy::wait>;

/// Fills a claim of names with events; each holds a reference for every reader.
std::uint32_t make_events(EventPool& pool, std::span<EventRef> names, std::uint64_t first) {
    std::uint32_t made = 0;
    for (; made < names.size(); ++made) {
        EventResult result = pool.allocate(sizeof(Record), 0);
        if (!result) {
            break;
        }
        // Not memcpy: GCC expands it in line, unseen by ThreadSanitizer.
        new (result.event.writable().data()) Record(Record::of(first + made));
        for (std::size_t reader = 1; reader < reader_count; ++reader) {
            (void)RingPtr(result.event).detach();
        }
        names[made] = result.event.detach();
    }
    return made;
}

void follow(EventPool& pool, Names::Reader& reader, Receipt& receipt, std::uint64_t& stale) {
    std::array<RingPtr, 37> held;  // released late, and not in the order of the others
    EventRef oldest;
    while (reader.get_index() != record_count) {
        const std::span<const EventRef> names = reader.peek(burst_records);
        if (names.empty()) {
            held = {};  // whoever waits holds nothing back
            std::this_thread::yield();
            continue;
        }
        for (const EventRef name : names) {
            RingPtr event = pool.adopt(name);
            receipt.add({&event.as<Record>(), 1});
            held[name.slot() % held.size()] = std::move(event);
        }
        reader.advance(names.size());
        if (const RingPtr locked = pool.lock(oldest)) {
            stale += locked.ref() == oldest && locked.as<Record>().is_whole() ? 0 : 1;
        }
        oldest = held[reader.get_index() % held.size()]
                     ? held[reader.get_index() % held.size()].ref()
                     : EventRef{};
    }
}

TEST(EventPoolStress, EveryEventReachesEveryReaderAndComesHome) {
    EventPool pool({.xs_slots = slots});
    Names journal({.capacity_records = 256, .max_claim_records = burst_records});
    std::vector<Names::Reader> readers;
    for (std::size_t i = 0; i < reader_count; ++i) {
        readers.push_back(journal.reader());
    }
    std::array<Receipt, reader_count> receipts;
    std::array<std::uint64_t, reader_count> stale{};
    run_crew([&](std::size_t i) { follow(pool, readers[i], receipts[i], stale[i]); },
             [&] {
                 while (journal.written() < record_count) {
                     const auto burst = static_cast<std::uint32_t>(
                         std::min<std::uint64_t>(burst_records, record_count - journal.written()));
                     const std::span<EventRef> names = journal.claim(burst);
                     const std::uint32_t made = make_events(pool, names, journal.written());
                     if (made == 0) {
                         std::this_thread::yield();
                     } else {
                         journal.publish(made);
                     }
                 }
             });
    for (std::size_t i = 0; i < reader_count; ++i) {
        receipts[i].expect_complete(record_count);
        EXPECT_EQ(stale[i], 0u);
    }
    const EventSizeStatistics after = pool.statistics(EventSize::xs);
    EXPECT_EQ(after.in_use, 0u);
    EXPECT_EQ(after.references, 0u);
    std::cout << "high water " << after.high_water << ", exhausted " << after.exhausted << '\n';
}

}  // namespace
}  // namespace roda::stress
