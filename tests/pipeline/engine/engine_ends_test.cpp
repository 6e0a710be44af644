// SPDX-License-Identifier: Apache-2.0
// The sender's and the receivers' ends of an engine.
#include <gtest/gtest.h>
#include <atomic>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#include "tests/pipeline/engine/engines.hpp"

namespace roda {
namespace {

using namespace std::chrono_literals;

TEST(EngineEnds, TrySendIsRefusedWhileTheInputIsFull) {
    auto engine = counting_engine(4);
    for (std::uint64_t value = 0; value < 4; ++value) {
        EXPECT_TRUE(engine->try_send(value));
    }
    EXPECT_FALSE(engine->try_send(4));
    EXPECT_EQ(engine->step(), 8u);
    EXPECT_TRUE(engine->try_send(4));
}

// Nobody receives: the journals fill from the last to the first, and send() says so.
TEST(EngineEnds, InlineSendEndsWhenTheOutputIsFullAndNothingIsLost) {
    auto engine = counting_engine(256);
    std::uint64_t sent = 0;
    while (engine->send(sent)) {
        ++sent;
    }
    EXPECT_EQ(sent, 3u * 256);
    EXPECT_EQ(engine->await_idle(60s), DrainResult::output_full) << "no thread would make room";
    for (std::uint64_t value = 0; value < sent; ++value) {
        ASSERT_EQ(engine->receive(), value + 2);
    }
    EXPECT_EQ(engine->receive(), std::nullopt);
    EXPECT_TRUE(engine->send(sent));
}

TEST(EngineEnds, SendsASpanInOrderAndTellsHowMuchOfItFoundRoom) {
    auto engine = counting_engine(256);
    std::vector<std::uint64_t> values(1'000);
    std::iota(values.begin(), values.end(), 0u);
    EXPECT_EQ(engine->send(values), 3u * 256) << "all journals full, nobody receives";
    for (std::uint64_t value = 0; value < 3 * 256; ++value) {
        ASSERT_EQ(engine->receive(), value + 2);
    }
    engine->run();
    std::size_t sent = 0;
    std::thread sender([&] { sent = engine->send(values); });
    for (const std::uint64_t value : values) {
        ASSERT_EQ(engine->receive(), value + 2);
    }
    sender.join();
    EXPECT_EQ(sent, values.size());
}

TEST(EngineEnds, ClaimedRecordsAreSentInPlaceByPublish) {
    auto engine = counting_engine(1'024);
    EXPECT_EQ(engine->max_claim(), burst_records);
    const std::span<std::uint64_t> slots = engine->claim(3);
    ASSERT_EQ(slots.size(), 3u);
    slots[0] = 10;
    slots[1] = 20;
    slots[2] = 30;
    EXPECT_EQ(engine->step(), 0u) << "nobody sees them yet";
    engine->publish(2);
    EXPECT_EQ(engine->step(), 4u);
    EXPECT_EQ(take_all(*engine), (std::vector<std::uint64_t>{12, 22}));
}

TEST(EngineEnds, ClaimWaitsForRoomAndIsEmptyWhenNoneWillCome) {
    auto engine = counting_engine(256);
    for (int burst = 0; burst < 3; ++burst) {
        ASSERT_EQ(engine->claim(256).size(), 256u);
        engine->publish(256);
    }
    EXPECT_TRUE(engine->claim(1).empty());
    EXPECT_EQ(engine->receive(), 2u);
    EXPECT_FALSE(engine->claim(1).empty());
}

TEST(EngineEnds, ThreadedSendWaitsForRoomAndLosesNothing) {
    auto engine = counting_engine(256);
    engine->run();
    constexpr std::uint64_t count = 100'000;
    std::thread receiver([&] {
        for (std::uint64_t value = 0; value < count; ++value) {
            ASSERT_EQ(engine->receive(), value + 2);
        }
    });
    for (std::uint64_t value = 0; value < count; ++value) {
        ASSERT_TRUE(engine->send(value));
    }
    receiver.join();
    EXPECT_EQ(engine->await_idle(5s), DrainResult::idle);
    EXPECT_EQ(engine->stop(), DrainResult::idle);
    EXPECT_EQ(engine->try_receive(), std::nullopt);
}

TEST(EngineEnds, EachReaderOfTheOutputsSeesAllOfThem) {
    auto engine = counting_engine(256);
    auto second = engine->output_reader();
    auto third = engine->output_reader();
    engine->run();
    constexpr std::uint64_t count = 20'000;
    const auto receive_all = [&](auto& reader) {
        for (std::uint64_t value = 0; value < count; ++value) {
            ASSERT_EQ(reader.receive(), value + 2);
        }
    };
    std::thread sender([&] {
        for (std::uint64_t value = 0; value < count; ++value) {
            ASSERT_TRUE(engine->send(value));
        }
    });
    std::thread second_receiver([&] { receive_all(second); });
    std::thread third_receiver([&] { receive_all(third); });
    receive_all(*engine);
    sender.join();
    second_receiver.join();
    third_receiver.join();
    EXPECT_EQ(engine->stop(), DrainResult::idle);
}

TEST(EngineEnds, ReaderThatLeavesHoldsNobodyBackAnyMore) {
    auto engine = counting_engine(256);
    auto leaving = std::make_optional(engine->output_reader());
    engine->run();
    for (std::uint64_t value = 0; value < 256; ++value) {
        ASSERT_TRUE(engine->send(value));
    }
    for (std::uint64_t value = 0; value < 256; ++value) {
        ASSERT_EQ(engine->receive(), value + 2);
    }
    ASSERT_TRUE(engine->send(256));
    while (engine->counters()[1].counters.held_back == 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(engine->await_idle(20ms), DrainResult::output_full) << "the other one read nothing";
    leaving.reset();
    EXPECT_EQ(engine->receive(), 258u);
}

TEST(EngineEnds, OutputsCanBeReadInPlace) {
    auto engine = counting_engine(256);
    auto reader = engine->output_reader();
    for (const std::uint64_t value : {1u, 2u, 3u}) {
        ASSERT_TRUE(engine->send(value));
    }
    EXPECT_EQ(engine->step(), 6u);
    const auto outputs = reader.peek(2);
    EXPECT_EQ(std::vector<std::uint64_t>(outputs.begin(), outputs.end()),
              (std::vector<std::uint64_t>{3, 4}));
    reader.advance(2);
    EXPECT_EQ(reader.try_receive(), 5u);
    EXPECT_EQ(take_all(*engine).size(), 3u) << "receive() has its own place";
}

// After stop() both ends run the stages inline where they must: never both at once.
TEST(EngineEnds, SenderAndReceiverAfterStopRunTheStagesOneAtATime) {
    for (int round = 0; round < 20; ++round) {
        std::atomic<int> inside{0};
        std::atomic<int> overlaps{0};
        auto engine = roda::engine<std::uint64_t>({.journal_records = 256})
                          .stage({.name = "one"}, map([&](std::uint64_t value) {
                                     overlaps += inside.fetch_add(1) != 0 ? 1 : 0;
                                     const std::uint64_t result = value + 1;
                                     inside.fetch_sub(1);
                                     return result;
                                 }))
                          .build();
        engine->run();
        std::uint64_t sent = 0;
        std::uint64_t received = 0;
        std::thread sender([&] {
            while (sent < 5'000 && engine->send(sent)) {
                ++sent;
            }
        });
        std::thread receiver([&] {
            while (engine->receive()) {
                ++received;
            }
        });
        std::this_thread::sleep_for(std::chrono::microseconds(50 * round));
        engine->stop();
        sender.join();
        receiver.join();
        while (engine->receive()) {
            ++received;
        }
        EXPECT_EQ(overlaps, 0);
        EXPECT_EQ(received, sent);
    }
}

TEST(EngineEnds, AwaitIdleTakesAnyPatience) {
    auto engine = counting_engine(256);
    engine->run();
    ASSERT_TRUE(engine->send(1));
    EXPECT_EQ(engine->await_idle(std::chrono::milliseconds::max()), DrainResult::idle);
}

}  // namespace
}  // namespace roda
