// SPDX-License-Identifier: Apache-2.0
// Events that change hands between threads: no slot has two owners, no payload changes under a
// holder. The stress suite does the same for longer.
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <new>
#include <random>
#include <thread>
#include <vector>

#include "pipeline/pool/event_pool.hpp"
#include "pipeline/store/journal.hpp"
#include "tests/pipeline/checked_record.hpp"

namespace roda {
namespace {

using Record = CheckedRecord<7>;  // one line

constexpr std::uint64_t rounds = 50'000;

RingPtr make_event(EventPool& pool, std::uint64_t sequence) {
    EventResult result = pool.allocate(sizeof(Record), static_cast<std::uint32_t>(sequence));
    if (result) {
        // Not memcpy: GCC expands it in line, unseen by ThreadSanitizer.
        new (result.event.writable().data()) Record(Record::of(sequence));
    }
    return std::move(result.event);
}

/// 1 when the event is not what its maker put in.
std::uint64_t faults_of(const RingPtr& event) {
    const auto& record = event.as<Record>();
    return record.is_whole() && event.event_type() == static_cast<std::uint32_t>(record.sequence)
               ? 0
               : 1;
}

TEST(EventPoolThreads, AnEventHasOneOwnerAtATime) {
    constexpr std::uint32_t slot_count = 24;
    EventPool pool({.xs_slots = slot_count});
    std::array<std::atomic<std::uint64_t>, 16> exchange{};  // detached references, 0 for none
    std::array<std::atomic<int>, slot_count> owners{};
    std::atomic<std::uint64_t> faults{0};
    std::atomic<std::uint64_t> twice{0};
    std::atomic<std::uint64_t> made{0};
    std::latch start(4);
    const auto work = [&](std::uint32_t seed) {
        std::mt19937 random(seed);
        start.arrive_and_wait();
        for (std::uint64_t round = 0; round < rounds; ++round) {
            RingPtr event = make_event(pool, seed * rounds + round);
            if (event) {
                made.fetch_add(1);
                twice += owners[event.ref().slot()].fetch_add(1, std::memory_order_relaxed) != 0;
            }
            // Mine goes in, what another left comes out.
            const std::uint64_t mine = event ? event.detach().bits : 0;
            const EventRef theirs{exchange[random() % exchange.size()].exchange(mine)};
            if (theirs) {
                const RingPtr taken = pool.adopt(theirs);
                faults += faults_of(taken);
                owners[theirs.slot()].fetch_sub(1, std::memory_order_relaxed);
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        threads.emplace_back(work, seed);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (std::atomic<std::uint64_t>& left : exchange) {
        if (const EventRef ref{left.load()}) {
            faults += faults_of(pool.adopt(ref));
        }
    }
    EXPECT_EQ(faults, 0u);
    EXPECT_EQ(twice, 0u);
    EXPECT_GT(made, rounds);
    const EventSizeStatistics statistics = pool.statistics(EventSize::xs);
    EXPECT_EQ(statistics.in_use, 0u);
    EXPECT_EQ(statistics.references, 0u);
    EXPECT_EQ(statistics.exhausted + made, 4 * rounds);
    EXPECT_LE(statistics.high_water, exchange.size() + 4 * 2);
    EXPECT_EQ(pool.statistics(EventSize::s).high_water, 0u);
}

/// Two out, two back, the other way round, so that the same slot is on top again and again with
/// another one below it: what a head without a tag takes for no change (ABA).
TEST(EventPoolThreads, NoSlotIsHandedOutTwice) {
    constexpr std::uint32_t slot_count = 12;
    EventPool pool({.xs_slots = slot_count});
    std::array<std::atomic<int>, slot_count> owners{};
    std::atomic<std::uint64_t> twice{0};
    std::latch start(4);
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(400);
    const auto own = [&](const RingPtr& event) {
        twice += event && owners[event.ref().slot()].exchange(1, std::memory_order_relaxed) != 0;
    };
    const auto disown = [&](RingPtr& event) {
        if (event) {
            owners[event.ref().slot()].store(0, std::memory_order_relaxed);
            event = {};
        }
    };
    const auto work = [&] {
        start.arrive_and_wait();
        while (twice == 0 && std::chrono::steady_clock::now() < end) {
            for (int turn = 0; turn < 1'000; ++turn) {
                RingPtr first = pool.allocate(1, 0).event;
                own(first);
                RingPtr second = pool.allocate(1, 0).event;
                own(second);
                disown(first);
                disown(second);
            }
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back(work);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(twice, 0u);
    EXPECT_EQ(pool.statistics(EventSize::xs).exhausted, 0u);
    EXPECT_EQ(pool.statistics(EventSize::xs).in_use, 0u);
}

TEST(EventPoolThreads, AJournalOfNamesSharesEventsWithEveryReader) {
    constexpr std::uint64_t events = 30'000;
    EventPool pool({.xs_slots = 100});
    Journal<EventRef, FullPolicy::wait> journal({.capacity_records = 64});
    std::array<StreamCheck, 3> seen;
    std::vector<std::thread> readers;
    for (StreamCheck& each : seen) {
        readers.emplace_back([&pool, &each, reader = journal.reader()]() mutable {
            while (each.records < events) {
                if (!reader.next()) {
                    std::this_thread::yield();
                    continue;
                }
                const RingPtr event = pool.adopt(*reader.get());  // this reader's reference
                each.add(event.as<Record>());
            }
        });
    }
    for (std::uint64_t sequence = 0; sequence < events;) {
        RingPtr event = make_event(pool, sequence);
        if (!event) {
            std::this_thread::yield();
            continue;
        }
        const EventRef name = event.ref();
        for (std::size_t reader = 0; reader < seen.size(); ++reader) {
            (void)RingPtr(event).detach();
        }
        journal.append(name);
        ++sequence;
    }
    for (std::thread& reader : readers) {
        reader.join();
    }
    for (const StreamCheck& each : seen) {
        EXPECT_EQ(each.records, events);
        EXPECT_EQ(each.gaps + each.torn + each.backwards, 0u);
    }
    EXPECT_EQ(pool.statistics(EventSize::xs).in_use, 0u);
}

TEST(EventPoolThreads, ALockedNameIsThatEventOrNothing) {
    using namespace std::chrono_literals;
    EventPool pool({.xs_slots = 12});
    std::atomic<std::uint64_t> current{0};
    std::atomic<bool> stop{false};

    struct Seen {
        std::atomic<std::uint64_t> locked{0};
        std::uint64_t stale = 0;
        std::uint64_t faults = 0;
    };

    std::array<Seen, 3> seen;
    std::vector<std::thread> readers;
    for (Seen& each : seen) {
        readers.emplace_back([&] {
            while (!stop.load(std::memory_order_relaxed)) {
                const EventRef name{current.load(std::memory_order_acquire)};
                if (const RingPtr event = pool.lock(name)) {
                    each.locked.fetch_add(1, std::memory_order_relaxed);
                    each.faults += faults_of(event) + (event.ref() == name ? 0 : 1);
                } else {
                    ++each.stale;
                }
            }
        });
    }
    const auto all_served = [&] {
        return std::ranges::all_of(seen, [](const Seen& each) { return each.locked > 100; });
    };
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    std::array<RingPtr, 8> held;  // so that a name outlives a reader's nap now and then
    std::uint64_t sequence = 0;
    while (sequence < 50'000 || (!all_served() && std::chrono::steady_clock::now() < deadline)) {
        RingPtr event = make_event(pool, sequence);
        if (!event) {
            std::this_thread::yield();
            continue;
        }
        current.store(event.ref().bits, std::memory_order_release);
        held[sequence++ % held.size()] = std::move(event);
    }
    stop.store(true);
    for (std::thread& reader : readers) {
        reader.join();
    }
    EXPECT_TRUE(all_served());
    for (const Seen& each : seen) {
        EXPECT_EQ(each.faults, 0u);
    }
    const RingPtr& last = held[(sequence - 1) % held.size()];
    EXPECT_EQ(last.references(), 1u);
    EXPECT_EQ(last.as<Record>().sequence, sequence - 1);
}

TEST(EventPoolThreads, ALockShowsLengthAndTypeHoweverTheNameCame) {
    EventPool pool({.xs_slots = 12});
    std::atomic<std::uint64_t> current{0};  // relaxed: orders nothing
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> locked{0};
    std::atomic<std::uint64_t> faults{0};
    std::thread reader([&] {
        while (!stop.load(std::memory_order_relaxed)) {
            if (const RingPtr event = pool.lock({current.load(std::memory_order_relaxed)})) {
                locked.fetch_add(1, std::memory_order_relaxed);
                faults += event.payload().size() == event.event_type() % 64 ? 0 : 1;
            }
        }
    });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::array<RingPtr, 8> held;
    std::uint32_t turn = 0;
    while ((turn < 50'000 || locked < 100) && std::chrono::steady_clock::now() < deadline) {
        RingPtr event = pool.allocate(turn % 64, turn).event;
        if (event) {
            current.store(event.ref().bits, std::memory_order_relaxed);
            held[turn++ % held.size()] = std::move(event);
        }
    }
    stop.store(true);
    reader.join();
    EXPECT_GE(locked, 100u);
    EXPECT_EQ(faults, 0u);
}

TEST(EventPoolThreads, TheSoleHolderWritesAfterAllOthersHaveRead) {
    constexpr std::uint64_t turns = 2'000;
    EventPool pool;
    std::atomic<std::uint64_t> lent{0};  // a detached reference
    StreamCheck seen;
    std::thread reader([&] {
        while (seen.records < turns) {
            if (const EventRef name{lent.exchange(0, std::memory_order_acquire)}) {
                seen.add(pool.adopt(name).as<Record>());
            } else {
                std::this_thread::yield();
            }
        }
    });
    const RingPtr event = make_event(pool, 0);
    for (std::uint64_t turn = 0; turn < turns; ++turn) {
        new (event.writable().data()) Record(Record::of(turn));
        lent.store(RingPtr(event).detach().bits, std::memory_order_release);
        while (event.references() != 1) {
            std::this_thread::yield();
        }
    }
    reader.join();
    EXPECT_EQ(seen.records, turns);
    EXPECT_EQ(seen.gaps + seen.torn + seen.backwards, 0u);
}

TEST(EventPoolThreads, TheHeapsBoundHoldsWhoeverAsks) {
    constexpr std::uint64_t bound = 60'000;
    EventPool pool({.xxl_events = 8, .xxl_bytes = bound});
    std::atomic<std::uint64_t> over{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 20'000; ++round) {
                const EventResult result = pool.allocate_or_heap(17'000, 0);
                over += pool.heap_bytes() > bound ? 1 : 0;
                if (result) {
                    result.event.writable()[16'999] = std::byte{1};
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(over, 0u);
    EXPECT_EQ(pool.heap_bytes(), 0u);
    EXPECT_LE(pool.statistics(EventSize::xxl).high_water, 3u);
}

}  // namespace
}  // namespace roda
