// SPDX-License-Identifier: Apache-2.0
// Every hot call of the engine, under a guard that ends the process at the first system call.
// Without threads: one that waits may sleep, one that works does not.
//
// Not built under ThreadSanitizer (meson.build): its runtime maps shadow memory on the way.
#include <gtest/gtest.h>
#include <unistd.h>
#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <vector>

#include "tests/pipeline/hot_pipes.hpp"
#include "tests/pipeline/temporary_directory.hpp"
#include "tests/support/no_syscall.hpp"

namespace roda {
namespace {

using Record = HotRecord;

std::vector<Record> records_of(std::uint64_t count) {
    std::vector<Record> records;
    for (std::uint64_t i = 0; i < count; ++i) {
        records.push_back(Record::of(i));
    }
    return records;
}

TEST(NoSystemCall, TheGuardEndsWhoMakesOne) {
    const auto verdict_on = [](auto code) { return first_system_call([&] { return code; }); };
    EXPECT_EQ(verdict_on([] { return ::getppid() > 0; }), "system call 110");
    EXPECT_EQ(verdict_on([] { return ::write(STDERR_FILENO, "", 0) == 0; }), "system call 1");
    EXPECT_EQ(verdict_on([] { return false; }), "the code did not do what it should");
    EXPECT_EQ(verdict_on([] { return true; }), "none");
}

TEST(NoSystemCall, TheGuardSeesAnAllocationThatGrowsTheHeap) {
    EXPECT_EQ(first_system_call([] {
                  return [] {
                      // volatile: else the compiler leaves the pair out.
                      char* volatile large = new char[64u << 20];
                      delete[] large;
                      return true;
                  };
              }),
              "system call 9");  // mmap
}

TEST(NoSystemCall, TheClockIsReadWithoutOne) {
    EXPECT_EQ(first_system_call(
                  [] { return [] { return unix_now_ns() > 0 && monotonic_now_ns() > 0; }; }),
              "none")
        << "this machine's clock source has no vDSO: each burst will cost a system call";
}

template <FullPolicy policy>
std::string system_call_of_in_place_journal() {
    return first_system_call([] {
        auto journal = std::make_shared<Journal<Record, policy>>(
            JournalOptions{.capacity_records = 1'024, .max_claim_records = 16});
        auto reader = std::make_shared<typename Journal<Record, policy>::Reader>(journal->reader());
        const auto turn = [journal, reader](std::uint64_t i) {
            const std::span<Record> slots = journal->claim(16);
            if (!slots.empty()) {
                slots[0] = Record::of(i);
                journal->publish(16);
            }
            const bool appended = journal->append(Record::of(i));
            reader->advance(reader->peek(4).size());
            if (reader->next()) {
                (void)reader->get();
                (void)reader->get_at(reader->get_index());
            }
            (void)reader->get_last();
            (void)journal->room();
            reader->advance(reader->peek(64).size());
            return appended;
        };
        turn(0);
        return [turn] {
            bool refused = false;
            for (std::uint64_t i = 1; i < 100; ++i) {
                refused |= !turn(i);
            }
            return refused == (policy == FullPolicy::stop);  // its life is over by then
        };
    });
}

TEST(NoSystemCall, Journals) {
    EXPECT_EQ(system_call_of_in_place_journal<FullPolicy::stop>(), "none");
    EXPECT_EQ(system_call_of_in_place_journal<FullPolicy::wait>(), "none");
    EXPECT_EQ(system_call_of_in_place_journal<FullPolicy::drop_newest>(), "none");
}

TEST(NoSystemCall, FullJournalsRefuseWithoutOne) {
    EXPECT_EQ(first_system_call([] {
                  auto journal = std::make_shared<Journal<Record, FullPolicy::drop_newest>>(
                      JournalOptions{.capacity_records = 2});
                  auto reader = std::make_shared<Journal<Record, FullPolicy::drop_newest>::Reader>(
                      journal->reader());
                  return [journal, reader] {
                      const bool first = journal->append(Record::of(0));
                      const bool second = journal->append(Record::of(1));
                      const bool third = journal->append(Record::of(2));
                      return first && second && !third && journal->dropped() == 1;
                  };
              }),
              "none");
}

TEST(NoSystemCall, BroadcastJournalAndItsReader) {
    const TemporaryDirectory directory;
    EXPECT_EQ(first_system_call([&] {
                  auto journal = std::make_shared<BroadcastJournal<Record>>(
                      directory.file("alerts"), JournalOptions{.capacity_records = 16});
                  auto reader = std::make_shared<BroadcastReader<Record>>(
                      directory.file("alerts"), 0, BroadcastReader<Record>::From::start);
                  return [journal, reader] {
                      std::array<Record, 8> out;
                      std::uint64_t seen = 0;
                      for (std::uint64_t i = 0; i < 100; ++i) {
                          journal->append(Record::of(i));
                          journal->wake_readers();  // nobody sleeps
                          journal->beat(i);
                          if (i % 30 == 0) {
                              const auto polled = reader->poll(out);
                              seen += polled.records + polled.missed;
                          }
                      }
                      return seen > 50 && reader->heartbeat_ns() == 99;
                  };
              }),
              "none");
}

TEST(NoSystemCall, StopJournalReadInPlaceFromItsFile) {
    const TemporaryDirectory directory;
    EXPECT_EQ(first_system_call([&] {
                  using StopReader = AttachedReader<Record, FullPolicy::stop>;
                  const std::string path = directory.file("history");
                  auto journal = std::make_shared<Journal<Record, FullPolicy::stop>>(
                      JournalOptions{.capacity_records = 200, .path = path});
                  auto reader = std::make_shared<StopReader>(path, 0, StopReader::From::start);
                  return [journal, reader] {
                      for (std::uint64_t i = 0; i < 100; ++i) {
                          journal->append(Record::of(2 * i));
                          journal->append(Record::of(2 * i + 1));
                          journal->wake_readers();  // nobody sleeps
                          const bool moved = reader->has_next() && reader->next();
                          if (!moved || reader->get()->sequence != 2 * i ||
                              reader->get_last()->sequence != 2 * i + 1 ||
                              reader->get_at(i)->sequence != i ||
                              reader->get_window<2>(i)[1].sequence != i + 1) {
                              return false;
                          }
                          reader->advance(reader->peek(8).size());
                      }
                      const bool at_the_end = reader->get_index() == 200 && !reader->next();
                      return at_the_end && reader->epoch() != 0 && reader->heartbeat_ns() != 0 &&
                             reader->seek(7) && reader->next() && reader->get()->sequence == 7;
                  };
              }),
              "none");
}

TEST(NoSystemCall, LaneCursor) {
    const TemporaryDirectory directory;
    EXPECT_EQ(first_system_call([&] {
                  using Cursor = LaneCursor<Record>;
                  using Lane = BroadcastJournal<Record>;
                  const std::string prefix = directory.file("alerts");
                  const JournalOptions options{.capacity_records = 16};
                  auto first = std::make_shared<Lane>(prefix + ".0", options);
                  auto second = std::make_shared<Lane>(prefix + ".1", options);
                  auto cursor = std::make_shared<Cursor>(prefix, 0, Cursor::From::start);
                  return [first, second, cursor] {
                      std::array<Record, 8> out;
                      std::uint64_t seen = 0;
                      for (std::uint64_t i = 0; i < 100; ++i) {
                          first->append(Record::of(i));
                          second->append(Record::of(i));
                          if (i % 30 == 29) {  // both lanes have lapped it
                              const auto one = cursor->poll(out);
                              const auto other = cursor->poll(out);
                              seen += one.records + other.records;
                          }
                      }
                      return seen == 48 && cursor->missed() > 100;
                  };
              }),
              "none");
}

TEST(NoSystemCall, DenseTable) {
    EXPECT_EQ(first_system_call([] {
                  auto table = std::make_shared<DenseTable<std::uint32_t, Record>>(500);
                  return [table] {
                      for (std::uint32_t key = 0; key < 600; ++key) {
                          const std::uint64_t hash = table->hash(key);
                          table->prefetch_tags(hash);
                          table->find_or_insert(key, hash, table->prefetch_slot(hash));
                          (void)table->find(key);
                      }
                      const bool was_full = table->size() == 500;
                      table->erase(7);
                      const std::uint32_t swept =
                          table->sweep(2, [](std::uint32_t key, Record&) { return key % 2 == 0; });
                      return was_full && swept == 16 && table->size() == 483;
                  };
              }),
              "none");
}

TEST(NoSystemCall, KeyTable) {
    EXPECT_EQ(first_system_call([] {
                  auto table = std::make_shared<KeyTable<std::uint64_t, Record>>(500);
                  return [table] {
                      for (std::uint64_t key = 0; key < 600; ++key) {
                          const std::uint64_t hash = table->hash(key);
                          table->prefetch_tags(hash);
                          table->find_or_insert(key, hash, table->prefetch_slot(hash));
                          (void)table->find(key);
                      }
                      return table->size() == 500;
                  };
              }),
              "none");
}

TEST(NoSystemCall, CellsAndSlots) {
    const TemporaryDirectory directory;
    EXPECT_EQ(first_system_call([&] {
                  auto cell = std::make_shared<SnapshotCell<Record>>();
                  auto store = std::make_shared<SlotStore<Record>>(directory.file("slots"),
                                                                   SlotOptions{.slots = 4});
                  auto reader = std::make_shared<SlotReader<Record>>(directory.file("slots"), 0);
                  return [cell, store, reader] {
                      for (std::uint64_t i = 0; i < 100; ++i) {
                          cell->publish(Record::of(i));
                          store->set(i % 4, Record::of(i));
                          store->update_at(i % 4, [](Record& record) { ++record.sequence; });
                          store->beat(i);
                      }
                      return cell->try_read()->sequence == 99 &&
                             reader->read(3).value.sequence == 100;
                  };
              }),
              "none");
}

TEST(NoSystemCall, EventPoolUpToXl) {
    EXPECT_EQ(first_system_call([] {
                  auto pool = std::make_shared<EventPool>();
                  return [pool] {
                      for (std::uint32_t i = 0; i < 1'000; ++i) {
                          RingPtr event = pool->allocate(std::size_t{1} << i % 15, i).event;
                          const RingPtr copy = event;
                          const RingPtr locked = pool->lock(event.ref());
                          event = pool->adopt(event.detach());
                          if (copy.references() != 3 || event.event_type() != i) {
                              return false;
                          }
                      }
                      std::array<RingPtr, 16> held;
                      for (RingPtr& each : held) {
                          each = pool->allocate(16'384, 0).event;
                      }
                      return !held[15] && pool->statistics(EventSize::xl).exhausted == 1 &&
                             !pool->allocate(16'385, 0);
                  };
              }),
              "none");
}

TEST(NoSystemCall, PipeOfEveryOperator) {
    EXPECT_EQ(first_system_call([] {
                  auto bound = std::make_shared<decltype(every_operator().bind<Record>())>(
                      every_operator().bind<Record>());
                  const auto records = records_of(1'000);
                  bound->run(records, 0, [](std::uint64_t, Cause) {});
                  return [bound, records] {
                      std::uint64_t outputs = 0;
                      bound->run(records, 0, [&](std::uint64_t, Cause) { ++outputs; });
                      return outputs > 0 && bound->counts().refused > 0;
                  };
              }),
              "none");
}

TEST(NoSystemCall, PipeOfEveryOtherOperator) {
    EXPECT_EQ(
        first_system_call([] {
            auto histogram = std::make_shared<LatencyHistogram>();
            using Bound = decltype(every_other_operator(*histogram).bind<Record>());
            auto bound = std::make_shared<Bound>(every_other_operator(*histogram).bind<Record>());
            const auto records = records_of(2'000);
            return [histogram, bound, records] {
                std::uint64_t windows = 0;
                const auto sink = [&windows](const auto&, Cause) { ++windows; };
                bound->run(records, 0, sink);
                bound->advance_time(20'000, 2'000, sink);
                return windows > 0 && bound->counts().refused > 0 && histogram->stats().count > 0;
            };
        }),
        "none");
}

TEST(NoSystemCall, StageStep) {
    EXPECT_EQ(first_system_call([] {
                  auto input = std::make_shared<StageJournal<Record>>(
                      JournalOptions{.capacity_records = 1'024});
                  auto spec = every_operator();
                  auto stage = std::make_shared<Stage<Record, decltype(spec.bind<Record>())>>(
                      *input, spec.bind<Record>(), 1'024);
                  return [input, stage] {
                      for (std::uint64_t i = 0; i < 1'000; ++i) {
                          input->append(Record::of(i));
                      }
                      while (stage->step() != 0) {
                      }
                      return stage->get_index() == 1'000;
                  };
              }),
              "none");
}

TEST(NoSystemCall, EngineSendStepAndReceive) {
    EXPECT_EQ(first_system_call([] {
                  auto engine = std::shared_ptr(
                      roda::engine<Record>().stage({.name = "all"}, every_operator()).build());
                  return [engine] {
                      std::uint64_t received = 0;
                      for (std::uint64_t i = 0; i < 2'000; ++i) {
                          if (!engine->try_send(Record::of(i)) || engine->step() != 1) {
                              return false;
                          }
                          received += engine->try_receive() ? 1 : 0;
                      }
                      return received > 0;
                  };
              }),
              "none");
}

}  // namespace
}  // namespace roda
