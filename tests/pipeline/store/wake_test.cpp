// SPDX-License-Identifier: Apache-2.0
// The bell: nobody sleeps through a ring, and a ring that nobody hears is no system call.
#include "pipeline/store/wake.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/strict_process.hpp"

namespace roda {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Far longer than any test: a waking that was lost shows as a time-out, never as a slow test.
constexpr seconds patience(10);

/// One player's side of a game that goes back and forth: each sleeps until the other has moved.
struct Player {
    WakeWords words;
    std::atomic<std::uint64_t> moves{0};
};

struct Game {
    Player left;
    Player right;
};

/// Waits for each move of `other` and answers it; returns how many came within the patience.
std::uint64_t play(Player& self, Player& other, std::uint64_t rounds, bool begins) {
    Wake mine(self.words);
    Wake theirs(other.words);
    for (std::uint64_t round = 0; round < rounds; ++round) {
        if (!begins && !mine.wait(patience, [&] {
                return other.moves.load(std::memory_order_acquire) > round;
            })) {
            return round;
        }
        self.moves.store(round + 1, std::memory_order_release);
        theirs.ring();
        if (begins && !mine.wait(patience, [&] {
                return other.moves.load(std::memory_order_acquire) > round;
            })) {
            return round;
        }
    }
    return rounds;
}

TEST(Wake, NoWakingIsLostInAGameOfTwoThreads) {
    constexpr std::uint64_t rounds = 50'000;
    Game game;
    std::uint64_t answered = 0;
    std::thread right([&] { answered = play(game.right, game.left, rounds, false); });
    EXPECT_EQ(play(game.left, game.right, rounds, true), rounds);
    right.join();
    EXPECT_EQ(answered, rounds);
}

TEST(Wake, NoWakingIsLostInAGameOfTwoProcesses) {
    constexpr std::uint64_t rounds = 10'000;
    void* shared =
        ::mmap(nullptr, sizeof(Game), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    auto* game = new (shared) Game;
    {
        ChildProcess right(
            [&] { return play(game->right, game->left, rounds, false) == rounds ? 0 : 1; });
        EXPECT_EQ(play(game->left, game->right, rounds, true), rounds);
        EXPECT_EQ(right.wait(), 0);
    }
    ::munmap(shared, sizeof(Game));
}

void spin(std::uint64_t turns) {
    for (std::uint64_t turn = 0; turn < turns; ++turn) {
        __builtin_ia32_pause();
    }
}

// Both meet at once, each some nanoseconds later than the other by turns, so that the one ring of
// a round falls into every moment of the sleeper's way to sleep.
TEST(Wake, RingAtAnyMomentOfFallingAsleepIsHeard) {
    constexpr std::uint64_t rounds = 10'000;
    alignas(64) WakeWords words;
    alignas(64) std::atomic<std::uint64_t> published{0};
    alignas(64) std::atomic<std::uint64_t> awake{0};  // rounds that the sleeper has begun
    alignas(64) std::atomic<bool> is_lost{false};
    std::thread sleeper([&] {
        Wake bell(words);
        for (std::uint64_t round = 1; round <= rounds && !is_lost; ++round) {
            awake.store(round, std::memory_order_release);
            spin(round / 16 % 16);
            is_lost = !bell.wait(
                patience, [&] { return published.load(std::memory_order_acquire) >= round; });
        }
        awake.store(rounds, std::memory_order_release);
    });
    Wake bell(words);
    for (std::uint64_t round = 1; round <= rounds && !is_lost; ++round) {
        for (int turn = 0; awake.load(std::memory_order_acquire) < round; ++turn) {
            turn < 10'000 ? __builtin_ia32_pause() : std::this_thread::yield();
        }
        spin(round % 16);
        published.store(round, std::memory_order_release);
        bell.ring();
    }
    sleeper.join();
    EXPECT_FALSE(is_lost);
}

TEST(Wake, OneRingWakesEverySleeper) {
    WakeWords words;
    std::atomic<bool> published{false};
    std::atomic<int> asleep{0};
    std::atomic<int> woken{0};
    std::vector<std::thread> sleepers;
    for (int i = 0; i < 4; ++i) {
        sleepers.emplace_back([&] {
            Wake bell(words);
            bool first = true;
            woken += bell.wait(patience, [&] {
                asleep += std::exchange(first, false) ? 1 : 0;
                return published.load(std::memory_order_acquire);
            });
        });
    }
    while (asleep.load() < 4) {
        std::this_thread::yield();
    }
    std::this_thread::sleep_for(milliseconds(20));
    const auto rung = std::chrono::steady_clock::now();
    Wake bell(words);
    published.store(true, std::memory_order_release);
    bell.ring();
    for (std::thread& sleeper : sleepers) {
        sleeper.join();
    }
    EXPECT_EQ(woken.load(), 4);
    EXPECT_LT(std::chrono::steady_clock::now() - rung, patience / 2);
}

TEST(Wake, SleeperOnManyBellsHearsEachOfThem) {
    std::vector<WakeWords> words(5);
    std::vector<std::unique_ptr<Wake>> owned;
    std::vector<Wake*> bells;
    for (WakeWords& each : words) {
        owned.push_back(std::make_unique<Wake>(each));
        bells.push_back(owned.back().get());
    }
    std::atomic<std::uint64_t> published{0};
    std::atomic<std::uint64_t> seen{0};
    std::thread sleeper([&] {
        for (std::uint64_t next = 1; next <= 100; ++next) {
            if (Wake::wait_any(bells, patience, [&] {
                    return published.load(std::memory_order_acquire) >= next;
                })) {
                seen.store(next, std::memory_order_release);
            }
        }
    });
    const auto began = std::chrono::steady_clock::now();
    for (std::uint64_t next = 1; next <= 100; ++next) {
        published.store(next, std::memory_order_release);
        bells[next % bells.size()]->ring();
        while (seen.load(std::memory_order_acquire) < next &&
               std::chrono::steady_clock::now() < began + patience) {
            std::this_thread::yield();
        }
    }
    sleeper.join();
    EXPECT_EQ(seen.load(), 100u);
    EXPECT_LT(std::chrono::steady_clock::now() - began, patience / 2);
}

TEST(Wake, TimeOutReturnsWhatReadySaidLast) {
    WakeWords words;
    Wake bell(words);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_FALSE(bell.wait(milliseconds(20), [] { return false; }));
    EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(20));
    // Nobody rings, but it has become true meanwhile.
    int tries = 0;
    EXPECT_TRUE(bell.wait(milliseconds(20), [&] { return ++tries > 1; }));
    EXPECT_EQ(tries, 2);
    EXPECT_TRUE(bell.wait(milliseconds(0), [] { return true; }));
    EXPECT_FALSE(bell.wait(milliseconds(-1), [] { return false; }));
}

TEST(Wake, RingForAnotherReasonLetsTheSleeperSleepOn) {
    WakeWords words;
    std::atomic<bool> done{false};
    std::thread ringer([&] {
        Wake bell(words);
        while (!done.load()) {
            bell.ring();
            std::this_thread::sleep_for(milliseconds(1));
        }
    });
    Wake bell(words);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_FALSE(bell.wait(milliseconds(30), [] { return false; }));
    EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(30));
    done.store(true);
    ringer.join();
}

TEST(Wake, RingWithoutSleepersMakesNoSystemCall) {
    WakeWords words;
    Wake bell(words);
    EXPECT_TRUE(makes_no_system_call([&](const auto& become_strict) {
        become_strict();
        for (int i = 0; i < 1'000'000; ++i) {
            bell.ring();
        }
    }));
}

// How often the kernel was asked shows in the generation.
TEST(Wake, KilledSleeperCostsTheNextRingOneCallAndNoMore) {
    void* shared = ::mmap(
        nullptr, sizeof(WakeWords), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    auto* words = new (shared) WakeWords;
    Wake bell(*words);
    {
        ChildProcess sleeper([&] {
            Wake theirs(*words);
            return theirs.wait(patience, [] { return false; }) ? 1 : 2;
        });
        while (words->waiting.load() == 0) {
            std::this_thread::yield();
        }
        sleeper.kill();
        EXPECT_EQ(sleeper.wait(), -SIGKILL);
    }
    EXPECT_EQ(words->waiting.load(), 1u) << "it could not take its mark back";
    for (int i = 0; i < 10; ++i) {
        bell.ring();
    }
    EXPECT_EQ(words->generation.load(), 1u);
    EXPECT_TRUE(makes_no_system_call([&](const auto& become_strict) {
        become_strict();
        bell.ring();
    }));
    ::munmap(shared, sizeof(WakeWords));
}

TEST(Wake, AlwaysRingsForSleepersWhoseMarkADeadPublisherTookAway) {
    WakeWords words;
    std::atomic<bool> published{false};
    std::atomic<bool> woken{false};
    std::thread sleeper([&] {
        Wake bell(words);
        woken = bell.wait(patience, [&] { return published.load(std::memory_order_acquire); });
    });
    while (words.waiting.load() == 0) {
        std::this_thread::yield();
    }
    std::this_thread::sleep_for(milliseconds(20));
    words.waiting.store(0);  // it died between E and B1
    const auto rung = std::chrono::steady_clock::now();
    published.store(true, std::memory_order_release);
    Wake(words).ring_always();
    sleeper.join();
    EXPECT_TRUE(woken.load());
    EXPECT_LT(std::chrono::steady_clock::now() - rung, patience / 2);
}

}  // namespace
}  // namespace roda
