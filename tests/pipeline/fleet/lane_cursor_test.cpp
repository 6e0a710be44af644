// SPDX-License-Identifier: Apache-2.0
// One cursor over many writers' lanes: turns, losses, lanes that come, go over and start again.
#include "pipeline/fleet/lane_cursor.hpp"

#include <gtest/gtest.h>
#include <fstream>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using Record = CheckedRecord<3>;
using Writer = BroadcastJournal<Record>;
using Cursor = LaneCursor<Record>;

constexpr std::uint64_t schema = 9;

class LaneCursorTest : public ::testing::Test {
  protected:
    std::unique_ptr<Writer> writer(std::uint32_t lane, std::uint64_t records = 16) const {
        return std::make_unique<Writer>(
            lane_file_path(prefix_, lane),
            JournalOptions{.capacity_records = records, .schema = schema});
    }

    static void append(Writer& writer, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            writer.append(Record::of(writer.written()));
        }
    }

    /// What came, by lane, in the order in which it came.
    static std::map<std::uint32_t, std::vector<std::uint64_t>> drain(Cursor& cursor) {
        std::map<std::uint32_t, std::vector<std::uint64_t>> seen;
        std::vector<Record> out(3);
        for (auto polled = cursor.poll(out); polled.records != 0; polled = cursor.poll(out)) {
            for (std::size_t i = 0; i < polled.records; ++i) {
                EXPECT_TRUE(out[i].is_whole());
                seen[polled.lane].push_back(out[i].sequence);
            }
        }
        return seen;
    }

    using Seen = std::map<std::uint32_t, std::vector<std::uint64_t>>;

    TemporaryDirectory directory_;
    std::string prefix_ = directory_.file("plant.alerts");
};

TEST_F(LaneCursorTest, EachLaneComesWholeAndInItsOrder) {
    const auto zero = writer(0);
    const auto ten = writer(10);
    append(*zero, 5);
    append(*ten, 2);
    Cursor cursor(prefix_, schema, Cursor::From::start);
    append(*zero, 1);
    EXPECT_EQ(drain(cursor), (Seen{{0, {0, 1, 2, 3, 4, 5}}, {10, {0, 1}}}));
    EXPECT_EQ(cursor.missed(), 0u);
}

TEST_F(LaneCursorTest, LanesTakeTurns) {
    const auto zero = writer(0);
    const auto one = writer(1);
    const auto two = writer(2);
    append(*zero, 16);
    append(*two, 4);
    Cursor cursor(prefix_, schema, Cursor::From::start);
    std::vector<Record> out(2);
    std::vector<std::uint32_t> lanes;
    for (auto polled = cursor.poll(out); polled.records != 0; polled = cursor.poll(out)) {
        lanes.push_back(polled.lane);
    }
    EXPECT_EQ(lanes, (std::vector<std::uint32_t>{0, 2, 0, 2, 0, 0, 0, 0, 0, 0}));
}

TEST_F(LaneCursorTest, LossIsCountedForEachLaneAndInTotal) {
    const auto zero = writer(0, 4);
    const auto one = writer(1, 4);
    Cursor cursor(prefix_, schema, Cursor::From::start);
    append(*zero, 10);
    append(*one, 5);
    std::vector<Record> out(8);
    const auto first = cursor.poll(out);
    EXPECT_EQ(first.lane, 0u);
    EXPECT_EQ(first.missed, 6u);
    EXPECT_EQ(first.records, 4u);
    const auto second = cursor.poll(out);
    EXPECT_EQ(second.lane, 1u);
    EXPECT_EQ(second.missed, 1u);
    EXPECT_EQ(cursor.missed(), 7u);
    EXPECT_EQ(cursor.lanes()[0].missed, 6u);
    EXPECT_EQ(cursor.lanes()[1].missed, 1u);
}

TEST_F(LaneCursorTest, StartsAtTheHeadOrAtAKeptSequence) {
    const auto zero = writer(0);
    const auto one = writer(1);
    append(*zero, 4);
    append(*one, 4);
    Cursor cursor(prefix_, schema, Cursor::From::head);
    const std::uint64_t created_ns = cursor.lanes()[1].created_ns;
    EXPECT_TRUE(cursor.seek({.lane = 1, .next_sequence = 2, .created_ns = created_ns}));
    EXPECT_FALSE(cursor.seek({.lane = 1, .next_sequence = 5, .created_ns = created_ns}));
    EXPECT_FALSE(cursor.seek({.lane = 2, .next_sequence = 0, .created_ns = created_ns}));
    append(*zero, 1);
    EXPECT_EQ(drain(cursor), (Seen{{0, {4}}, {1, {2, 3}}}));
}

TEST_F(LaneCursorTest, LanesThatComeLaterAreFoundFromTheirStart) {
    Cursor cursor(prefix_, schema, Cursor::From::head);
    EXPECT_TRUE(cursor.lanes().empty());
    EXPECT_TRUE(drain(cursor).empty());
    const auto two = writer(2);
    append(*two, 2);
    EXPECT_EQ(cursor.refresh().appeared, 1u);
    const auto one = writer(1);
    append(*one, 1);
    EXPECT_EQ(cursor.refresh().appeared, 1u);
    EXPECT_EQ(cursor.refresh().appeared, 0u);
    EXPECT_EQ(drain(cursor), (Seen{{1, {0}}, {2, {0, 1}}}));
    ASSERT_EQ(cursor.lanes().size(), 2u);
    EXPECT_EQ(cursor.lanes()[0].lane, 1u);
    EXPECT_EQ(cursor.lanes()[1].next_sequence, 2u);
}

TEST_F(LaneCursorTest, ReplacedFileIsGoneOverToWhenTheOldOneIsRead) {
    {
        const auto old = writer(0, 16);
        append(*old, 3);
    }
    Cursor cursor(prefix_, schema, Cursor::From::start);
    const auto replaced = writer(0, 32);
    append(*replaced, 2);
    EXPECT_EQ(cursor.refresh().replaced, 0u) << "three records are still in the old one";
    EXPECT_EQ(drain(cursor), (Seen{{0, {0, 1, 2}}}));
    EXPECT_EQ(cursor.refresh().replaced, 1u);
    EXPECT_EQ(drain(cursor), (Seen{{0, {0, 1}}}));
    EXPECT_EQ(cursor.refresh().replaced, 0u);
}

TEST_F(LaneCursorTest, KeptPlaceIsOfOneFileAndOutlivesRestartsOfItsWriter) {
    append(*writer(0), 5);
    const Cursor::LaneState kept = Cursor(prefix_, schema, Cursor::From::head).lanes()[0];
    append(*writer(0), 2);
    Cursor restarted(prefix_, schema, Cursor::From::start);
    EXPECT_TRUE(restarted.seek(kept));
    EXPECT_EQ(drain(restarted), (Seen{{0, {5, 6}}}));

    append(*writer(0, 64), 10);
    Cursor replaced(prefix_, schema, Cursor::From::start);
    EXPECT_FALSE(replaced.seek(kept)) << "its sequences are of other records";
    EXPECT_EQ(drain(replaced), (Seen{{0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}}));
}

TEST_F(LaneCursorTest, WhatAReplacedOrNewLaneLostBeforeItWasFoundIsCounted) {
    append(*writer(0), 20);
    Cursor cursor(prefix_, schema, Cursor::From::start);
    drain(cursor);
    EXPECT_EQ(cursor.missed(), 0u) << "it begins at what is held";
    append(*writer(0, 4), 10);
    append(*writer(1, 4), 7);
    const auto changes = cursor.refresh();
    EXPECT_EQ(changes.replaced, 1u);
    EXPECT_EQ(changes.appeared, 1u);
    EXPECT_EQ(drain(cursor), (Seen{{0, {6, 7, 8, 9}}, {1, {3, 4, 5, 6}}}));
    EXPECT_EQ(cursor.lanes()[0].missed, 6u);
    EXPECT_EQ(cursor.lanes()[1].missed, 3u);
    EXPECT_EQ(cursor.missed(), 9u);
}

TEST_F(LaneCursorTest, RestartedWriterIsToldAndNothingComesTwice) {
    {
        const auto old = writer(0);
        append(*old, 2);
    }
    Cursor cursor(prefix_, schema, Cursor::From::start);
    EXPECT_EQ(drain(cursor), (Seen{{0, {0, 1}}}));
    const auto again = writer(0);
    append(*again, 1);
    EXPECT_EQ(cursor.refresh().restarted, 1u);
    EXPECT_EQ(cursor.refresh().restarted, 0u);
    EXPECT_EQ(drain(cursor), (Seen{{0, {2}}}));
}

TEST_F(LaneCursorTest, FilesThatAreNoLanesAreLeftAloneOrNamed) {
    const auto zero = writer(0);
    append(*zero, 1);
    for (const char* name : {".x", ".1x", ".01", ".", ".-1", ".4294967296", ".0.wake.new"}) {
        std::ofstream(prefix_ + name) << "no lane";
    }
    std::ofstream(lane_file_path(prefix_, 3)) << std::string(8192, 'x');
    Cursor cursor(prefix_, schema, Cursor::From::start);
    EXPECT_EQ(drain(cursor), (Seen{{0, {0}}}));
    ASSERT_EQ(cursor.faults().size(), 1u);
    EXPECT_EQ(cursor.faults()[0].path, lane_file_path(prefix_, 3));
    EXPECT_NE(cursor.faults()[0].what.find("magic number"), std::string::npos);
}

TEST_F(LaneCursorTest, WakeFilesAreNotListedWholeOrNot) {
    const auto zero = writer(0);
    std::ofstream(lane_file_path(prefix_, 0) + ".wake.new") << "half";
    EXPECT_EQ(find_files(prefix_), std::vector<std::string>{lane_file_path(prefix_, 0)});
}

TEST_F(LaneCursorTest, OneFileIsOneLaneWhateverItsName) {
    const auto only = writer(7);
    append(*only, 2);
    Cursor cursor = Cursor::of_file(lane_file_path(prefix_, 7), schema, Cursor::From::start);
    EXPECT_EQ(drain(cursor), (Seen{{0, {0, 1}}}));
    Cursor none = Cursor::of_file(directory_.file("none"), schema, Cursor::From::start);
    EXPECT_TRUE(none.lanes().empty());
    EXPECT_TRUE(none.faults().empty());
}

TEST_F(LaneCursorTest, WaitIsEndedByAnyLane) {
    const auto zero = writer(0);
    const auto one = writer(1);
    Cursor cursor(prefix_, schema, Cursor::From::head);
    EXPECT_FALSE(cursor.wait(std::chrono::milliseconds(5)));
    for (Writer* each : {zero.get(), one.get()}) {
        std::thread ringer([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            append(*each, 1);
            each->wake_readers();
        });
        EXPECT_TRUE(cursor.wait(std::chrono::seconds(10)));
        ringer.join();
        EXPECT_EQ(drain(cursor).size(), 1u);
    }
}

TEST_F(LaneCursorTest, WaitWithoutLanesEndsWithItsPatience) {
    Cursor cursor(prefix_, schema, Cursor::From::head);
    EXPECT_FALSE(cursor.wait(std::chrono::milliseconds(15)));
}

TEST_F(LaneCursorTest, FourWritersAtFullSpeedComeInOrderOrAreCounted) {
    constexpr std::uint64_t records = 50'000;
    constexpr std::uint32_t lanes = 4;
    std::vector<std::unique_ptr<Writer>> writers;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        writers.push_back(writer(lane, 256));
    }
    Cursor cursor(prefix_, schema, Cursor::From::start);
    std::vector<std::thread> threads;
    for (const auto& each : writers) {
        threads.emplace_back([&each] {
            for (std::uint64_t i = 0; i < records; ++i) {
                append(*each, 1);
                if (i % 32 == 31) {
                    each->wake_readers();
                }
            }
            each->wake_readers();
        });
    }
    std::vector<StreamCheck> seen(lanes);
    std::vector<std::uint64_t> missed(lanes);
    std::vector<Record> out(64);
    const auto is_over = [&] {
        for (const auto& lane : cursor.lanes()) {
            if (lane.next_sequence != records) {
                return false;
            }
        }
        return true;
    };
    while (!is_over()) {
        ASSERT_TRUE(cursor.wait(std::chrono::seconds(10)));
        const auto polled = cursor.poll(out);
        seen[polled.lane].add(std::span<const Record>(out.data(), polled.records));
        missed[polled.lane] += polled.missed;
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        EXPECT_EQ(seen[lane].torn + seen[lane].backwards, 0u);
        EXPECT_EQ(seen[lane].gaps, missed[lane]);
        EXPECT_EQ(seen[lane].records + missed[lane], records);
        EXPECT_EQ(cursor.lanes()[lane].missed, missed[lane]);
    }
}

}  // namespace
}  // namespace roda
