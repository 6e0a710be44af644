// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/errands.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace roda::appliance {
namespace {

using namespace std::chrono_literals;

TEST(Errands, WithoutOneATurnDoesNothing) {
    Errands<int> errands;
    int subject = 0;
    EXPECT_FALSE(errands.turn(subject));
}

TEST(Errands, WhatNobodyTakesIsGivenUpAndNeverDone) {
    Errands<int> errands;
    EXPECT_FALSE(errands.run([](int& number) { return ++number != 0; }, 5ms));
    int subject = 0;
    EXPECT_FALSE(errands.turn(subject));
    EXPECT_EQ(subject, 0);
}

TEST(Errands, WhatHasBegunIsWaitedForHoweverLong) {
    Errands<int> errands;
    std::atomic<bool> is_over{false};
    std::thread worker([&] {
        int subject = 0;
        while (!is_over) {
            errands.turn(subject);
            std::this_thread::sleep_for(25ms);
        }
        EXPECT_EQ(subject, 50);
    });
    EXPECT_TRUE(errands.run([](int& number) { return ++number == 50; }, 1s));
    is_over = true;
    worker.join();
}

TEST(Errands, OfManyThreadsAreDoneOneAfterTheOther) {
    constexpr int threads = 4;
    constexpr int each = 25;
    Errands<std::vector<int>> errands;
    std::vector<int> subject;  // the worker's alone
    std::atomic<int> left{threads};
    std::thread worker([&] {
        while (left != 0) {
            errands.turn(subject);
        }
    });
    std::vector<std::thread> owners;
    for (int owner = 0; owner < threads; ++owner) {
        owners.emplace_back([&, owner] {
            for (int i = 0; i < each; ++i) {
                int turns = 0;
                EXPECT_TRUE(errands.run(
                    [&](std::vector<int>& list) {
                        list.push_back(owner);
                        return ++turns == 3;
                    },
                    10s));
                EXPECT_EQ(turns, 3);
            }
            --left;
        });
    }
    for (std::thread& owner : owners) {
        owner.join();
    }
    worker.join();
    ASSERT_EQ(subject.size(), 3u * threads * each);
    for (std::size_t i = 0; i < subject.size(); i += 3) {
        EXPECT_EQ(subject[i], subject[i + 1]);
        EXPECT_EQ(subject[i], subject[i + 2]);
    }
}

}  // namespace
}  // namespace roda::appliance
