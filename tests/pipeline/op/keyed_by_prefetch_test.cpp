// SPDX-License-Identifier: Apache-2.0
// A member that keeps memory beside the slot is told early which keys come.
#include <gtest/gtest.h>

#include <map>

#include "pipeline/op/delta.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "pipeline/op/map.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr std::uint32_t steps = 3;
constexpr std::uint32_t applied = steps;  // in place of a step
constexpr std::size_t step_items = 16;

struct Event {
    std::uint64_t key;
    std::uint32_t step;

    friend bool operator==(const Event&, const Event&) = default;
};

struct Log {
    bool prefetches = true;
    std::vector<Event> events;

    /// What befell each key, in order.
    std::map<std::uint64_t, std::vector<std::uint32_t>> by_key() const {
        std::map<std::uint64_t, std::vector<std::uint32_t>> keys;
        for (const Event& event : events) {
            keys[event.key].push_back(event.step);
        }
        return keys;
    }
};

/// Writes down what it is asked.
struct Logged {
    Log* log;

    template <class In>
    struct Member {
        using Output = In;

        struct Part {
            std::uint64_t key;
        };

        static constexpr bool one_to_one = true;
        static constexpr std::uint32_t prefetch_steps = steps;

        Log* log;

        template <class Next>
        void apply(const In& item, Part& part, bool, Cause cause, Next& next) {
            part.key = item.sensor_id;
            log->events.push_back({part.key, applied});
            next(item, cause);
        }

        bool prefetches() const noexcept { return log->prefetches; }

        template <std::uint32_t step>
        void prefetch(const Part& part) const noexcept {
            log->events.push_back({part.key, step});
        }
    };

    template <class In>
    Member<In> bind_member() const {
        return {log};
    }
};

std::vector<Reading> one_of_each(std::uint64_t keys) {
    std::vector<Reading> readings(keys);
    for (std::uint64_t key = 0; key < keys; ++key) {
        readings[key] = {key, static_cast<double>(key), 0};
    }
    return readings;
}

constexpr std::uint64_t key_count = 1'000;

/// By index: hashed keys may share a tag, and then another one's slot is asked for.
auto keyed(Log& log) {
    return keyed_by(DenseKeys{.keys = key_count}, &Reading::sensor_id, Logged{&log});
}

const std::vector<std::uint32_t> in_order = {0, 1, 2, applied};

template <class Bound>
void expect_each_step_once_and_early(Bound& bound, Log& log) {
    const std::vector<Reading> readings = one_of_each(key_count);
    const auto first = run_bound(bound, readings);
    log.events.clear();
    EXPECT_EQ(run_bound(bound, readings), first) << "what is asked for changes nothing";
    for (const auto& [key, events] : log.by_key()) {
        ASSERT_EQ(events, in_order) << "of key " << key;
    }
    // From any step of an item in the middle to its next, sixteen others are applied.
    std::map<std::uint64_t, std::size_t> applied_at_last_step;
    std::size_t done = 0;
    for (const Event& event : log.events) {
        if (event.step != 0 && event.key >= 200 && event.key < 700) {
            ASSERT_EQ(done - applied_at_last_step[event.key], step_items) << "of " << event.key;
        }
        applied_at_last_step[event.key] = done;
        done += event.step == applied ? 1 : 0;
    }
    EXPECT_EQ(done, key_count);
}

TEST(KeyedByPrefetch, EachStepOfABurstComesOnceInOrderAndSixteenItemsEarlier) {
    Log log;
    auto bound = pipe(keyed(log)).bind<Reading>();
    expect_each_step_once_and_early(bound, log);
}

TEST(KeyedByPrefetch, EachStepOfPushedItemsToo) {
    Log log;
    auto bound =
        pipe(map([](const Reading& reading) { return reading; }), keyed(log)).bind<Reading>();
    expect_each_step_once_and_early(bound, log);
}

TEST(KeyedByPrefetch, HashedKeysAreAppliedOnceAndInOrderWhateverIsAskedFor) {
    Log log;
    auto bound =
        pipe(keyed_by({.max_keys = key_count}, &Reading::sensor_id, Logged{&log})).bind<Reading>();
    const std::vector<Reading> readings = one_of_each(key_count);
    const auto first = run_bound(bound, readings);
    log.events.clear();
    EXPECT_EQ(run_bound(bound, readings), first);
    EXPECT_GE(log.events.size(), key_count * in_order.size() * 9 / 10) << "most are asked for";
    std::erase_if(log.events, [](const Event& event) { return event.step != applied; });
    EXPECT_EQ(log.events.size(), key_count);
}

TEST(KeyedByPrefetch, ABurstShorterThanTheWindowIsAskedForAsWell) {
    Log log;
    auto bound = pipe(keyed(log)).bind<Reading>();
    const std::vector<Reading> readings = one_of_each(key_count);
    run_bound(bound, readings);
    for (const std::size_t burst : {1u, 15u, 16u, 17u, 40u, 79u, 80u, 81u, 255u, 256u, 257u}) {
        log.events.clear();
        run_bound(bound, readings, burst);
        for (const auto& [key, events] : log.by_key()) {
            ASSERT_EQ(events, in_order) << "of key " << key << " in bursts of " << burst;
        }
        ASSERT_EQ(log.events.size(), key_count * in_order.size());
    }
}

TEST(KeyedByPrefetch, NothingIsAskedForNewKeysNorWhileTheMemberWantsNothing) {
    Log log;
    auto bound = pipe(keyed(log)).bind<Reading>();
    const std::vector<Reading> readings = one_of_each(key_count);
    run_bound(bound, readings);
    log.prefetches = false;
    run_bound(bound, readings);
    EXPECT_EQ(log.events.size(), 2 * key_count);
    EXPECT_TRUE(
        std::ranges::all_of(log.events, [](const Event& event) { return event.step == applied; }));
}

TEST(KeyedByPrefetch, OnlyKeysThatReachedTheMemberAreAskedFor) {
    Log log;
    const auto even = [](const Reading& reading, const Reading*) {
        return reading.sensor_id % 2 == 0 ? std::optional(reading) : std::nullopt;
    };
    auto bound =
        pipe(keyed_by(DenseKeys{.keys = key_count}, &Reading::sensor_id, delta(even), Logged{&log}))
            .bind<Reading>();
    const std::vector<Reading> readings = one_of_each(key_count);
    run_bound(bound, readings);
    log.events.clear();
    run_bound(bound, readings);
    EXPECT_EQ(log.by_key().size(), key_count / 2);
    for (const auto& [key, events] : log.by_key()) {
        ASSERT_EQ(events, in_order) << "of key " << key;
    }
}

}  // namespace
}  // namespace roda
