// SPDX-License-Identifier: Apache-2.0
// Every hot call of the engine, under a guard that counts heap calls.
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "pipeline/roda.hpp"
#include "tests/pipeline/hot_pipes.hpp"
#include "tests/pipeline/temporary_directory.hpp"
#include "tests/support/no_alloc.hpp"

namespace roda {
namespace {

using Record = HotRecord;

/// Heap calls while `body` runs.
template <class Body>
std::uint64_t heap_calls_of(const Body& body) {
    const NoAllocation guard;
    body();
    return guard.violations();
}

TEST(NoAllocation, GuardSeesEachFormOfNewAndDelete) {
    struct alignas(128) Wide {
        char bytes[128];
    };

    // volatile: else the compiler leaves each pair out.
    EXPECT_EQ(heap_calls_of([] {
                  int* volatile one = new int(1);
                  delete one;
              }),
              2u);
    EXPECT_EQ(heap_calls_of([] {
                  int* volatile many = new int[3];
                  delete[] many;
              }),
              2u);
    EXPECT_EQ(heap_calls_of([] {
                  Wide* volatile wide = new Wide;
                  delete wide;
              }),
              2u);
    EXPECT_EQ(heap_calls_of([] {
                  int* volatile quiet = new (std::nothrow) int(1);
                  delete quiet;
              }),
              2u);
    EXPECT_EQ(heap_calls_of([] {}), 0u);
}

template <FullPolicy policy>
void expect_in_place_journal_to_allocate_nothing() {
    Journal<Record, policy> journal({.capacity_records = 1'024, .max_claim_records = 16});
    auto reader = journal.reader();
    EXPECT_EQ(heap_calls_of([&] {
                  for (std::uint64_t i = 0; i < 40; ++i) {
                      const std::span<Record> slots = journal.claim(16);
                      slots[0] = Record::of(i);
                      journal.publish(16);
                      journal.append(Record::of(i));
                      reader.advance(reader.peek(4).size());
                      if (reader.next()) {
                          (void)reader.get();
                          (void)reader.get_at(reader.get_index());
                      }
                      (void)reader.get_last();
                      (void)journal.room();
                      reader.advance(reader.peek(64).size());
                  }
              }),
              0u);
}

TEST(NoAllocation, Journals) {
    expect_in_place_journal_to_allocate_nothing<FullPolicy::stop>();
    expect_in_place_journal_to_allocate_nothing<FullPolicy::wait>();
    expect_in_place_journal_to_allocate_nothing<FullPolicy::drop_newest>();
}

TEST(NoAllocation, FullJournalsRefuseWithoutAllocating) {
    Journal<Record, FullPolicy::stop> stopped({.capacity_records = 1});
    Journal<Record, FullPolicy::drop_newest> dropping({.capacity_records = 2});
    const auto reader = dropping.reader();
    EXPECT_EQ(heap_calls_of([&] {
                  for (std::uint64_t i = 0; i < 10; ++i) {
                      stopped.append(Record::of(i));
                      dropping.append(Record::of(i));
                  }
              }),
              0u);
    EXPECT_EQ(dropping.dropped(), 8u);
}

TEST(NoAllocation, BroadcastJournalAndItsReader) {
    const TemporaryDirectory directory;
    BroadcastJournal<Record> journal(directory.file("alerts"), {.capacity_records = 16});
    BroadcastReader<Record> reader(
        directory.file("alerts"), 0, BroadcastReader<Record>::From::start);
    std::array<Record, 8> out;
    EXPECT_EQ(heap_calls_of([&] {
                  for (std::uint64_t i = 0; i < 100; ++i) {
                      journal.append(Record::of(i));
                      journal.beat(i);
                      reader.poll(i % 10 == 0 ? std::span<Record>(out) : std::span<Record>());
                  }
              }),
              0u);
}

TEST(NoAllocation, EventPoolUpToXl) {
    EventPool pool({.xl_slots = 1, .larger_when_full = true});
    EXPECT_EQ(heap_calls_of([&] {
                  for (const std::size_t bytes : {64u, 256u, 1'024u, 4'096u, 16'384u}) {
                      RingPtr event = pool.allocate(bytes, 1).event;
                      event.writable()[0] = std::byte{1};
                      const RingPtr copy = event;
                      const RingPtr locked = pool.lock(event.ref());
                      event = pool.adopt(event.detach());
                      (void)pool.allocate_or_heap(bytes, 1);  // of xl: refused
                  }
                  (void)pool.allocate(16'385, 1);
                  (void)pool.statistics(EventSize::xs);
              }),
              0u);
    EXPECT_EQ(pool.statistics(EventSize::xl).exhausted, 1u);
    EXPECT_EQ(heap_calls_of([&] { (void)pool.allocate_or_heap(16'385, 1); }), 2u);
}

TEST(NoAllocation, KeyTable) {
    KeyTable<std::uint64_t, Record> table(500);
    EXPECT_EQ(heap_calls_of([&] {
                  for (std::uint64_t key = 0; key < 600; ++key) {
                      const std::uint64_t hash = table.hash(key);
                      table.prefetch_tags(hash);
                      table.find_or_insert(key, hash, table.prefetch_slot(hash));
                      (void)table.find(key);
                  }
              }),
              0u);
}

TEST(NoAllocation, SnapshotCell) {
    SnapshotCell<Record> cell;
    EXPECT_EQ(heap_calls_of([&] {
                  cell.publish(Record::of(1));
                  (void)cell.try_read();
              }),
              0u);
}

TEST(NoAllocation, SlotStoreAndItsReaders) {
    const TemporaryDirectory directory;
    SlotStore<Record> store(directory.file("slots"), {.slots = 4});
    const SlotReader<Record> reader(directory.file("slots"), 0);
    const SlotReader<Record> inside = store.reader();
    EXPECT_EQ(heap_calls_of([&] {
                  for (std::uint64_t i = 0; i < 100; ++i) {
                      store.set(i % 4, Record::of(i));
                      store.update_at(i % 4, [](Record& record) { ++record.sequence; });
                      store.beat(i);
                      (void)reader.read(i % 5);
                      (void)reader.version(i % 5);
                      (void)inside.read(i % 5);
                      (void)reader.heartbeat_ns();
                  }
              }),
              0u);
}

TEST(NoAllocation, PipeOfEveryOperator) {
    auto bound = every_operator().bind<Record>();
    std::vector<Record> records;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        records.push_back(Record::of(i));
    }
    std::uint64_t outputs = 0;
    EXPECT_EQ(heap_calls_of([&] {
                  bound.run(records, 0, [&](std::uint64_t, Cause) { ++outputs; });
                  bound.run(records, 0, [&](std::uint64_t, Cause) { ++outputs; });
              }),
              0u);
    EXPECT_GT(outputs, 0u);
    EXPECT_GT(bound.counts().refused, 0u);
}

TEST(NoAllocation, PipeOfEveryOtherOperator) {
    LatencyHistogram histogram;
    auto bound = every_other_operator(histogram).bind<Record>();
    std::vector<Record> records;
    for (std::uint64_t i = 0; i < 2'000; ++i) {
        records.push_back(Record::of(i < 1'000 ? i : i * 5));
    }
    std::uint64_t windows = 0;
    const auto sink = [&windows](const Window<std::uint64_t>&, Cause) { ++windows; };
    EXPECT_EQ(heap_calls_of([&] {
                  bound.run(records, 0, sink);
                  bound.advance_time(20'000, 2'000, sink);
                  bound.run(records, 0, sink);
                  (void)histogram.stats();
              }),
              0u);
    EXPECT_GT(windows, 0u);
    EXPECT_GT(bound.counts().refused, 0u);
    EXPECT_GT(bound.counts().expired, 0u);
}

TEST(NoAllocation, StageStep) {
    StageJournal<Record> input({.capacity_records = 1'024});
    auto spec = every_operator();
    Stage<Record, decltype(spec.bind<Record>())> stage(input, spec.bind<Record>(), 1'024);
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        input.append(Record::of(i));
    }
    EXPECT_EQ(heap_calls_of([&] {
                  while (stage.step() != 0) {
                  }
              }),
              0u);
    EXPECT_EQ(stage.get_index(), 1'000u);
}

TEST(NoAllocation, EngineSendStepAndReceive) {
    auto engine = roda::engine<Record>().stage({.name = "all"}, every_operator()).build();
    EXPECT_EQ(heap_calls_of([&] {
                  for (std::uint64_t i = 0; i < 2'000; ++i) {
                      engine->send(Record::of(i));
                      engine->step();
                      (void)engine->try_receive();
                  }
                  (void)engine->await_idle(std::chrono::milliseconds(1'000));
              }),
              0u);
}

}  // namespace
}  // namespace roda
