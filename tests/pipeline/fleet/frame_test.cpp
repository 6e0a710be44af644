// SPDX-License-Identifier: Apache-2.0
#include "pipeline/fleet/frame.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "pipeline/store/broadcast_journal.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using SmallFrame = Frame<20>;  // not a whole number of words

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> payload) {
    return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

TEST(Frame, CarriesWhatItWasMadeOf) {
    const NetId64 id = NetId64::make(3, 7, 11);
    const auto frame = SmallFrame::make(id, frame_kind_event, 42, bytes_of("hot"));
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->id, id);
    EXPECT_EQ(frame->kind, frame_kind_event);
    EXPECT_EQ(frame->version, 42u);
    EXPECT_EQ(text_of(frame->payload()), "hot");
    EXPECT_EQ(frame, SmallFrame::make(id, frame_kind_event, 42, bytes_of("hot")));
    EXPECT_NE(frame, SmallFrame::make(id, frame_kind_event, 42, bytes_of("hit")));
}

TEST(Frame, PayloadLongerThanTheFrameIsRefused) {
    const std::string longest(20, 'x');
    const auto frame = SmallFrame::make({}, 0, 0, bytes_of(longest));
    ASSERT_TRUE(frame);
    EXPECT_EQ(text_of(frame->payload()), longest);
    EXPECT_EQ(SmallFrame::make({}, 0, 0, bytes_of(longest + 'x')), std::nullopt)
        << "though the words would have room";
    EXPECT_TRUE(SmallFrame::make({}, 0, 0, {})->payload().empty());
}

TEST(Frame, LengthOfAStrangerLeadsNobodyOutOfIt) {
    SmallFrame frame{};
    frame.length = 0xffff'ffff;
    EXPECT_EQ(frame.payload().size(), 20u);
}

TEST(Frame, AgeIsInMillisecondsOfItsVersion) {
    const auto frame = SmallFrame::make({}, 0, 1'000, {});
    EXPECT_EQ(frame->age_at(1'250), 250u);
    EXPECT_EQ(frame->age_at(900), 0u) << "from the future";
    EXPECT_TRUE(frame->is_fresh_at(1'250, 250));
    EXPECT_FALSE(frame->is_fresh_at(1'251, 250));
}

TEST(Frame, GoesThroughABroadcastJournalToAnotherProcess) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("frames");
    BroadcastJournal<SmallFrame> journal(path, {.capacity_records = 64});
    ChildProcess reader([&] {
        BroadcastReader<SmallFrame> frames(path, 0, BroadcastReader<SmallFrame>::From::start);
        for (std::uint64_t counter = 0; counter < 50;) {
            SmallFrame frame;
            if (!frames.wait(std::chrono::seconds(10))) {
                return 1;
            }
            for (; frames.poll({&frame, 1}).records != 0; ++counter) {
                const NetId64 id = NetId64::make(1, 2, counter);
                if (frame.id != id || text_of(frame.payload()) != id.to_text()) {
                    return 2;
                }
            }
        }
        return 0;
    });
    for (std::uint64_t counter = 0; counter < 50; ++counter) {
        const NetId64 id = NetId64::make(1, 2, counter);
        journal.append(*SmallFrame::make(id, frame_kind_event, 0, bytes_of(id.to_text())));
        journal.wake_readers();
    }
    EXPECT_EQ(reader.wait(), 0);
}

}  // namespace
}  // namespace roda
