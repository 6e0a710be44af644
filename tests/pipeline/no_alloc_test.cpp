// SPDX-License-Identifier: Apache-2.0
// Every hot call of the engine, under a guard that counts heap calls.
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "pipeline/roda.hpp"
#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/temporary_directory.hpp"
#include "tests/support/no_alloc.hpp"

namespace roda {
namespace {

using Record = CheckedRecord<2>;

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
    Journal<Record, FullPolicy::drop_newest> dropping({.capacity_records = 1});
    const auto reader = dropping.reader();
    EXPECT_EQ(heap_calls_of([&] {
                  for (std::uint64_t i = 0; i < 10; ++i) {
                      stopped.append(Record::of(i));
                      dropping.append(Record::of(i));
                  }
              }),
              0u);
    EXPECT_EQ(dropping.dropped(), 9u);
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

/// Every operator, with new keys, known ones and refused ones on the way.
auto every_operator() {
    const auto init = [](const Record& record) { return record.sequence; };
    const auto fold = [](std::uint64_t& sum, const Record& record) { sum += record.sequence; };
    const auto logic = [](std::uint64_t now, const std::uint64_t* before) {
        return before != nullptr && now % 3 == 0 ? std::optional(now - *before) : std::nullopt;
    };
    const auto key = [](const Record& record) { return record.sequence % 300; };
    return pipe(
        filter([](const Record& record) { return record.sequence % 7 != 0; }),
        inspect([](const Record&) {}),
        keyed_by(
            {.max_keys = 200}, key, stateful(init, fold), delta(logic), dedup_by(std::identity{})),
        map([](std::uint64_t value) { return value; }));
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
    EXPECT_GT(bound.refused(), 0u);
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
