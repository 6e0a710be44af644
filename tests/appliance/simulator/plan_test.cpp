// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <vector>

#include "tests/appliance/simulator/jump_model.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t start_ns = 1'700'000'000'000'000'000;
constexpr std::uint64_t step_ns = 500'000;
constexpr std::size_t per_datagram = 50;

struct Emitted {
    std::uint32_t gateway = 0;
    proto::DatagramHeader header;
    std::vector<proto::Reading> readings;
};

/// Datagrams of all gateways in turn, then each gateway's closing ones.
std::vector<Emitted> play(Plan& plan, std::uint32_t gateways, std::size_t rounds) {
    std::vector<Emitted> all;
    std::vector<proto::Reading> space(per_datagram);
    std::uint64_t now_ns = start_ns;
    const auto keep = [&](std::uint32_t gateway, const PlannedDatagram& datagram) {
        const auto end = space.begin() + static_cast<std::ptrdiff_t>(datagram.readings);
        all.push_back({gateway, datagram.header, {space.begin(), end}});
    };
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::uint32_t gateway = 0; gateway < gateways; ++gateway) {
            keep(gateway, plan.next(gateway, now_ns, space));
            now_ns += step_ns;
        }
    }
    for (std::uint32_t gateway = 0; gateway < gateways; ++gateway) {
        for (auto datagram = plan.closing(gateway, now_ns, space); datagram.readings > 0;
             datagram = plan.closing(gateway, now_ns, space)) {
            keep(gateway, datagram);
        }
    }
    return all;
}

std::vector<proto::Reading> readings_of(const std::vector<Emitted>& datagrams) {
    std::vector<proto::Reading> readings;
    for (const Emitted& datagram : datagrams) {
        readings.insert(readings.end(), datagram.readings.begin(), datagram.readings.end());
    }
    return readings;
}

JumpModel judge(const std::vector<Emitted>& datagrams) {
    JumpModel model;
    for (const proto::Reading& reading : readings_of(datagrams)) {
        model.take(reading);
    }
    return model;
}

std::vector<JumpModel::Transition> planted_of(const Plan& plan) {
    std::vector<JumpModel::Transition> planted;
    for (const PlantedTransition& entry : plan.planted()) {
        planted.push_back(
            {entry.sensor_id, std::string(entry.rule), entry.firing, entry.event_ns, entry.value});
    }
    return planted;
}

std::size_t count_rule(const Plan& plan, std::string_view rule) {
    return static_cast<std::size_t>(
        std::count_if(plan.planted().begin(), plan.planted().end(), [rule](const auto& entry) {
            return entry.rule == rule;
        }));
}

TEST(Plan, SameSeedGivesTheSameReadingsAndAnotherSeedOthers) {
    const PlanOptions options{.anomalies_per_million = 500, .seed = 7};
    Plan first(options);
    Plan second(options);
    Plan other({.anomalies_per_million = 500, .seed = 8});

    const auto readings = readings_of(play(first, 4, 500));

    EXPECT_EQ(readings, readings_of(play(second, 4, 500)));
    EXPECT_TRUE(std::ranges::equal(first.planted(), second.planted()));
    EXPECT_GT(first.planted().size(), 0u);
    EXPECT_NE(readings, readings_of(play(other, 4, 500)));
}

TEST(Plan, WithoutAnomaliesNoRuleFiresInAMillionReadings) {
    Plan plan({.sensors = 1000});

    const JumpModel model = judge(play(plan, 4, 5000));

    EXPECT_EQ(model.transitions, std::vector<JumpModel::Transition>{});
    EXPECT_EQ(plan.planted().size(), 0u);
    EXPECT_EQ(model.sensors(), 1000u);
}

TEST(Plan, TheModelSeesExactlyThePlantedTransitionsInOrder) {
    Plan plan({.sensors = 1000, .anomalies_per_million = 200, .newborn_share = 0.1});

    const JumpModel model = judge(play(plan, 4, 5000));

    EXPECT_EQ(model.transitions, planted_of(plan));
    EXPECT_FALSE(model.anything_fires());
    EXPECT_NEAR(static_cast<double>(plan.planted().size()), 200 * 2 * 1.3, 200);
    EXPECT_GE(count_rule(plan, mean_jump_rule), 40u);
}

TEST(Plan, SpikesAsOftenAsPossibleStillMoveNoMean) {
    Plan plan({.sensors = 20, .gateways = 2, .anomalies_per_million = 1e6, .newborn_share = 0});

    const JumpModel model = judge(play(plan, 2, 2000));

    EXPECT_EQ(model.transitions, planted_of(plan));
    EXPECT_EQ(count_rule(plan, mean_jump_rule), 0u);
    EXPECT_GT(count_rule(plan, value_jump_rule), 100'000u);
}

TEST(Plan, EveryReservedSensorIsBornWithFourTransitions) {
    Plan plan({.sensors = 100, .gateways = 1, .anomalies_per_million = 1000, .newborn_share = 0.5});

    const JumpModel model = judge(play(plan, 1, 20'000));

    EXPECT_EQ(model.transitions, planted_of(plan));
    EXPECT_EQ(model.sensors(), 100u);
    EXPECT_EQ(count_rule(plan, mean_jump_rule), 50u * 2);
}

TEST(Plan, ClosingEndsWhatIsOpenAtAnyMoment) {
    for (std::size_t rounds = 0; rounds < 120; ++rounds) {
        Plan plan(
            {.sensors = 10, .gateways = 2, .anomalies_per_million = 3e5, .newborn_share = 0.5});

        const JumpModel model = judge(play(plan, 2, rounds));

        ASSERT_EQ(model.transitions, planted_of(plan)) << rounds << " rounds";
        ASSERT_FALSE(model.anything_fires()) << rounds << " rounds";
    }
}

TEST(Plan, SequenceNumbersOfAGatewayAreConsecutiveFromOne) {
    Plan plan({.gateways = 3, .anomalies_per_million = 5e4, .boot_id = 99});
    std::unordered_map<std::uint64_t, std::uint64_t> last;

    for (const Emitted& datagram : play(plan, 3, 1000)) {
        ASSERT_EQ(datagram.header.device_id, datagram.gateway + 1);
        ASSERT_EQ(datagram.header.boot_id, 99u);
        ASSERT_EQ(datagram.header.sequence, ++last[datagram.header.device_id]);
    }
    EXPECT_EQ(last.size(), 3u);
}

TEST(Plan, EachGatewayReadsItsOwnContiguousSensorsInTurn) {
    // 10 sensors on 3 gateways: 4, 3 and 3.
    Plan plan({.sensors = 10, .gateways = 3, .first_sensor_id = 100});
    const std::vector<std::vector<std::uint64_t>> owned = {
        {100, 101, 102, 103}, {104, 105, 106}, {107, 108, 109}};
    std::vector<std::size_t> turn(3);

    for (const Emitted& datagram : play(plan, 3, 10)) {
        const auto& ids = owned[datagram.gateway];
        for (const proto::Reading& reading : datagram.readings) {
            ASSERT_EQ(reading.sensor_id, ids[turn[datagram.gateway]++ % ids.size()]);
        }
    }
}

TEST(Plan, TimesOfAGatewayGrowByWholeMicrosecondsAndEndNow) {
    Plan plan({.gateways = 1});
    std::vector<proto::Reading> space(per_datagram);

    plan.next(0, start_ns, space);
    EXPECT_EQ(space.back().timestamp_ns, start_ns);
    EXPECT_EQ(space.front().timestamp_ns, start_ns - (per_datagram - 1) * 1000);

    plan.next(0, start_ns, space);  // the same burst: nothing may repeat
    EXPECT_EQ(space.front().timestamp_ns, start_ns + 1000);
    EXPECT_EQ(space.back().timestamp_ns, start_ns + per_datagram * 1000);
}

TEST(Plan, RetractForgetsWhatNeverLeft) {
    Plan plan({.sensors = 4, .gateways = 1, .anomalies_per_million = 1e5, .newborn_share = 0});
    play(plan, 1, 100);
    const std::vector<PlantedTransition> before(plan.planted().begin(), plan.planted().end());
    ASSERT_GT(before.size(), 3u);

    plan.retract_planted(3);

    EXPECT_TRUE(std::ranges::equal(plan.planted(), std::span(before).first(3)));
}

}  // namespace
}  // namespace roda::appliance
