// SPDX-License-Identifier: Apache-2.0
#include "pipeline/store/slot_store.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using Value = CheckedRecord<2>;  // 24 bytes, in a slot of 32

constexpr std::uint64_t schema = 9;
constexpr SlotOptions options{.slots = 8, .schema = schema};

/// The sequences that a reader sees, slot by slot: -1 absent, -2 busy, -3 torn.
std::vector<int> seen_by(const SlotReader<Value>& reader) {
    std::vector<int> sequences;
    for (std::uint64_t at = 0; at < reader.slots(); ++at) {
        const Snapshot<Value> seen = reader.read(at, 3);
        switch (seen.state) {
            case SnapshotState::absent:
                sequences.push_back(-1);
                break;
            case SnapshotState::busy:
                sequences.push_back(-2);
                break;
            case SnapshotState::present:
                sequences.push_back(seen.value.is_whole() ? static_cast<int>(seen.value.sequence)
                                                          : -3);
                break;
        }
    }
    return sequences;
}

TEST(SlotStore, AllIsAbsentBeforeTheFirstSet) {
    const SlotStore<Value> store(options);
    const SlotReader<Value> reader = store.reader();
    EXPECT_EQ(seen_by(reader), std::vector<int>(8, -1));
    EXPECT_EQ(reader.version(0), 0u);
    EXPECT_FALSE(reader.read(0));
}

TEST(SlotStore, SetReplacesOneSlotAndNoOther) {
    SlotStore<Value> store(options);
    const SlotReader<Value> reader = store.reader();
    store.set(0, Value::of(1));
    store.set(7, Value::of(2));
    store.set(7, Value::of(3));
    EXPECT_EQ(seen_by(reader), (std::vector<int>{1, -1, -1, -1, -1, -1, -1, 3}));
    EXPECT_TRUE(reader.read(0));
}

TEST(SlotStore, ValueOfZeroesIsPresent) {
    SlotStore<std::uint64_t> store(options);
    store.set(1, 0);
    const Snapshot<std::uint64_t> seen = store.reader().read(1);
    EXPECT_EQ(seen.state, SnapshotState::present);
    EXPECT_EQ(seen.value, 0u);
}

struct Counts {
    std::uint64_t total = 100;  // an absent slot begins with this
    std::uint64_t changes = 0;
};

TEST(SlotStore, UpdateChangesWhatIsThereAndBeginsWithTheTypesDefaults) {
    SlotStore<Counts> store(options);
    const auto add = [](Counts& counts) {
        counts.total += 5;
        counts.changes += 1;
    };
    store.update_at(2, add);
    store.update_at(2, add);
    const Snapshot<Counts> seen = store.reader().read(2);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen.value.total, 110u);
    EXPECT_EQ(seen.value.changes, 2u);
}

TEST(SlotStore, ReadersSeeTheOldValueWhileAnUpdateRuns) {
    SlotStore<Value> store(options);
    store.set(0, Value::of(1));
    const SlotReader<Value> reader = store.reader();
    store.update_at(0, [&](Value& value) {
        value = Value::of(2);
        EXPECT_EQ(seen_by(reader)[0], 1);
    });
    EXPECT_EQ(seen_by(reader)[0], 2);
}

TEST(SlotStore, UpdateThatThrowsChangesNothing) {
    SlotStore<Value> store(options);
    store.set(0, Value::of(1));
    const auto failing = [](Value& value) {
        value.sequence = 77;
        throw 1;
    };
    EXPECT_THROW(store.update_at(0, failing), int);
    EXPECT_EQ(seen_by(store.reader())[0], 1);
}

TEST(SlotStore, VersionTellsAPollerWhatChangedSinceItsRead) {
    SlotStore<Value> store(options);
    const SlotReader<Value> reader = store.reader();
    store.set(0, Value::of(1));
    store.set(1, Value::of(1));
    const Snapshot<Value> first = reader.read(0);
    const Snapshot<Value> second = reader.read(1);
    EXPECT_EQ(reader.version(0), first.version);
    store.set(0, Value::of(1));
    EXPECT_NE(reader.version(0), first.version) << "the same value, set again, is a change";
    EXPECT_EQ(reader.version(1), second.version);
}

TEST(SlotStore, WithoutAnAttemptAReadIsBusy) {
    SlotStore<Value> store(options);
    store.set(0, Value::of(1));
    EXPECT_EQ(store.reader().read(0, 0).state, SnapshotState::busy);
    EXPECT_EQ(store.reader().read(0, 1).state, SnapshotState::present);
}

TEST(SlotStoreDeathTest, SlotBeyondTheLastEndsTheWriter) {
    SlotStore<Value> store(options);
    EXPECT_DEATH(store.set(8, Value::of(1)), "the slot is one of the store's");
}

TEST(SlotStore, SlotTakesNoMoreLinesThanItMust) {
    struct Row {
        std::size_t record_bytes;
        std::size_t slot_bytes;
    };

    for (const Row row :
         {Row{8, 16}, {16, 32}, {24, 32}, {32, 64}, {56, 64}, {64, 128}, {120, 128}, {128, 192}}) {
        EXPECT_EQ(slot_bytes_for(row.record_bytes), row.slot_bytes) << row.record_bytes;
    }
}

class SlotFile : public ::testing::Test {
  protected:
    /// What the ASCII map of slot_layout.hpp says, without the code that it maps.
    std::uint64_t word_at(std::streamoff at) const {
        std::uint64_t word = 0;
        std::ifstream file(path_, std::ios::binary);
        file.seekg(at);
        file.read(reinterpret_cast<char*>(&word), sizeof(word));
        return word;
    }

    void set_word_at(std::streamoff at, std::uint64_t word) const {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(at);
        file.write(reinterpret_cast<const char*>(&word), sizeof(word));
    }

    void die_inside_set(std::uint64_t at) const {
        const auto slot = static_cast<std::streamoff>(4096 + at * 32);
        set_word_at(slot, (word_at(slot) / 4 + 1) * 4 + 1);
        set_word_at(slot + 8, 99);
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("slots");
};

TEST_F(SlotFile, LiesAsTheMapSays) {
    SlotStore<Value> store(path_, options);
    store.set(2, Value::of(5));
    store.set(2, Value::of(6));
    store.beat(1234);
    EXPECT_EQ(word_at(0), layout_magic("RODASLOT"));
    EXPECT_EQ(word_at(8), (std::uint64_t{24} << 32) | 1);
    EXPECT_EQ(word_at(16), 8u);
    EXPECT_EQ(word_at(24), schema);
    EXPECT_EQ(word_at(32), 32u);
    EXPECT_EQ(word_at(48), 4096u);
    EXPECT_NE(word_at(64), 0u);
    EXPECT_EQ(word_at(128), 0u);
    EXPECT_EQ(word_at(384), 1234u);
    EXPECT_EQ(word_at(4096 + 1 * 32), 0u);
    EXPECT_EQ(word_at(4096 + 2 * 32), 2u * 4 + 2);
    EXPECT_EQ(word_at(4096 + 2 * 32 + 8), 6u);
    EXPECT_EQ(word_at(4096 + 2 * 32 + 16), Value::of(6).words[0]);
}

TEST_F(SlotFile, ReaderLearnsFromTheHeaderHowManySlotsThereAre) {
    SlotStore<Value> store(path_, {.slots = 1'000, .schema = schema});
    const SlotReader<Value> reader(path_, schema);
    EXPECT_EQ(reader.slots(), 1'000u);
    store.set(999, Value::of(1));
    EXPECT_EQ(seen_by(reader)[999], 1);
}

TEST_F(SlotFile, SlotBeyondTheLastIsAbsentWhateverLiesThere) {
    const SlotStore<Value> store(path_, options);
    set_word_at(4096 + 8 * 32, 6);  // where a slot 8 would have its version
    set_word_at(4096 - 32, 6);      // where one below 0 would
    for (const SlotReader<Value>& reader : {SlotReader<Value>(path_, schema), store.reader()}) {
        for (const std::uint64_t at : {std::uint64_t{8}, ~std::uint64_t{0}}) {
            EXPECT_EQ(reader.read(at).state, SnapshotState::absent);
            EXPECT_EQ(reader.version(at), 0u);
        }
    }
}

TEST_F(SlotFile, ParentReadsWhatAChildWrote) {
    ChildProcess child([&] {
        SlotStore<Value> store(path_, options);
        store.set(3, Value::of(33));
        store.update_at(3, [](Value& value) { value = Value::of(value.sequence + 1); });
        return 0;
    });
    ASSERT_EQ(child.wait(), 0);
    EXPECT_EQ(seen_by(SlotReader<Value>(path_, schema)),
              (std::vector<int>{-1, -1, -1, 34, -1, -1, -1, -1}));
}

TEST_F(SlotFile, NextWriterGoesOnWithTheValuesUnderANewEpoch) {
    {
        SlotStore<Value> store(path_, options);
        EXPECT_FALSE(store.existing());
        store.set(1, Value::of(1));
    }
    const SlotReader<Value> reader(path_, schema);
    const std::uint64_t epoch = reader.epoch();
    SlotStore<Value> next(path_, options);
    EXPECT_TRUE(next.existing());
    EXPECT_GT(reader.epoch(), epoch);
    EXPECT_EQ(seen_by(reader)[1], 1);
    next.update_at(1, [](Value& value) { value = Value::of(value.sequence + 1); });
    EXPECT_EQ(seen_by(reader)[1], 2);
    EXPECT_EQ(next.repaired(), 0u);
}

// Who attaches as soon as there is a magic number finds a writer who started once, and lives.
TEST_F(SlotFile, HeaderIsFinishedWithEpochAndHeartbeat) {
    alignas(SlotHeader) std::array<std::byte, layout_data_offset> page{};
    SlotShape::of(options, sizeof(Value)).write_header(page.data(), schema);
    const auto& header = *reinterpret_cast<const SlotHeader*>(page.data());
    EXPECT_EQ(header.prefix.magic, slot_store_kind.magic);
    EXPECT_GT(header.created_ns, 0u);
    EXPECT_EQ(header.epoch, header.created_ns);
    EXPECT_EQ(header.heartbeat_ns, header.created_ns);

    const SlotStore<Value> store(path_, options);
    const Region file = Region::attach_read_only(path_);
    const auto& of_file = *reinterpret_cast<const SlotHeader*>(file.data());
    EXPECT_EQ(of_file.epoch, of_file.created_ns) << "no second start";
}

TEST_F(SlotFile, EpochGrowsEvenWhenTheClockWasSetBack) {
    { const SlotStore<Value> store(path_, options); }
    const std::uint64_t future = unix_now_ns() + 1'000'000'000'000u;
    set_word_at(64, future);
    const SlotStore<Value> next(path_, options);
    EXPECT_EQ(SlotReader<Value>(path_, schema).epoch(), future + 1);
}

TEST_F(SlotFile, HeartbeatIsTheWritersLastSign) {
    SlotStore<Value> store(path_, options);
    const SlotReader<Value> reader(path_, schema);
    EXPECT_GT(reader.heartbeat_ns(), 0u);
    store.beat(1234);
    EXPECT_EQ(reader.heartbeat_ns(), 1234u);
}

TEST_F(SlotFile, SlotThatAWriterDiedInIsBusyThenAbsentAndCounted) {
    {
        SlotStore<Value> store(path_, options);
        store.set(4, Value::of(4));
        store.set(5, Value::of(5));
    }
    const SlotReader<Value> reader(path_, schema);
    die_inside_set(5);
    EXPECT_EQ(seen_by(reader), (std::vector<int>{-1, -1, -1, -1, 4, -2, -1, -1}));
    const std::uint64_t busy_version = reader.version(5);

    SlotStore<Value> next(path_, options);
    EXPECT_EQ(seen_by(reader), (std::vector<int>{-1, -1, -1, -1, 4, -1, -1, -1}));
    EXPECT_EQ(next.repaired(), 1u);
    EXPECT_EQ(reader.repaired(), 1u);
    const std::uint64_t repaired_version = reader.version(5);
    EXPECT_GT(repaired_version, busy_version) << "versions never come back";

    next.set(5, Value::of(6));
    EXPECT_EQ(seen_by(reader)[5], 6);
    EXPECT_GT(reader.version(5), repaired_version);
}

TEST_F(SlotFile, UpdateOfARepairedSlotBeginsAnew) {
    {
        SlotStore<Value> store(path_, options);
        store.set(5, Value::of(5));
    }
    die_inside_set(5);
    SlotStore<Value> next(path_, options);
    next.update_at(5, [](Value& value) { EXPECT_EQ(value.sequence, 0u); });
    EXPECT_TRUE(next.reader().read(5));
}

TEST_F(SlotFile, SecondWriterIsRefused) {
    const SlotStore<Value> store(path_, options);
    try {
        const SlotStore<Value> second(path_, {.slots = 1'000, .schema = 1});
        FAIL() << "a second writer";
    } catch (const StartupError& error) {
        EXPECT_EQ(error.what(),
                  path_ +
                      ": another process writes this file (stop it, or give this one another "
                      "instance name)");
    }
}

// 8 and 9 slots both make a file of two pages.
TEST_F(SlotFile, StoreOfOtherShapeIsReplacedAndItsReadersKeepTheOldOne) {
    for (const SlotOptions other : {SlotOptions{.slots = 9, .schema = schema},
                                    SlotOptions{.slots = 8, .schema = schema + 1}}) {
        {
            SlotStore<Value> store(path_, options);
            store.set(0, Value::of(1));
        }
        const SlotReader<Value> old_reader(path_, schema);
        SlotStore<Value> replaced(path_, other);
        EXPECT_FALSE(replaced.existing());
        EXPECT_EQ(seen_by(replaced.reader()), std::vector<int>(other.slots, -1));
        replaced.set(0, Value::of(2));
        EXPECT_EQ(seen_by(old_reader)[0], 1);
        EXPECT_EQ(seen_by(SlotReader<Value>(path_, other.schema))[0], 2);
    }
}

TEST_F(SlotFile, ReaderMapsTheFileReadOnlyAndNeverCreatesIt) {
    EXPECT_THROW(SlotReader<Value>(path_, schema), StartupError);
    EXPECT_FALSE(std::filesystem::exists(path_));
    { const SlotStore<Value> store(path_, options); }
    const SlotReader<Value> reader(path_, schema);
    std::ifstream maps("/proc/self/maps");
    std::vector<std::string> rights;
    for (std::string line; std::getline(maps, line);) {
        if (line.find(path_) != std::string::npos) {
            std::string addresses;
            rights.emplace_back();
            std::istringstream(line) >> addresses >> rights.back();
        }
    }
    EXPECT_EQ(rights, std::vector<std::string>{"r--s"});
}

}  // namespace
}  // namespace roda
