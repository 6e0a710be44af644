// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/active_alerts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/appliance/exporter/sample.hpp"

namespace roda::appliance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Transition firing = Transition::firing;
constexpr Transition resolved = Transition::resolved;

ActiveAlert series(const std::string& rule, std::uint64_t sensor_id) {
    return {rule, Severity::warning, sensor_id};
}

TEST(ActiveAlerts, ShowsWhatFiresByRuleThenSensor) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 10, firing));
    active.apply(alert("jump", 9, firing));
    active.apply(alert("drift", 11, firing));
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_THAT(scrape.series,
                ElementsAre(series("drift", 11), series("jump", 9), series("jump", 10)));
    EXPECT_EQ(scrape.truncated, 0u);
}

TEST(ActiveAlerts, AnAlertThatFiresOnStays) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    for (int i = 0; i < 5; ++i) {
        EXPECT_THAT(active.collect().series, ElementsAre(series("jump", 1)));
    }
}

TEST(ActiveAlerts, AnAlertThatIsOverBeforeTheFirstScrapeIsSeenTwice) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 1, resolved));
    EXPECT_THAT(active.collect().series, ElementsAre(series("jump", 1)));
    EXPECT_THAT(active.collect().series, ElementsAre(series("jump", 1)));
    EXPECT_THAT(active.collect().series, IsEmpty());
}

TEST(ActiveAlerts, AnAlertThatWasSeenTwiceGoesAfterItsEndWasScrapedOnce) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.collect();
    active.collect();
    active.apply(alert("jump", 1, resolved));
    EXPECT_THAT(active.collect().series, ElementsAre(series("jump", 1)));
    EXPECT_THAT(active.collect().series, IsEmpty());
}

TEST(ActiveAlerts, OneThatFiresAgainWhileItLingersStays) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 1, resolved));
    active.collect();
    active.apply(alert("jump", 1, firing));
    active.collect();
    active.collect();
    EXPECT_THAT(active.collect().series, ElementsAre(series("jump", 1)));
}

TEST(ActiveAlerts, TheSameSensorUnderTwoRulesIsTwoSeries) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("drift", 1, firing));
    active.apply(alert("jump", 1, resolved));
    active.collect();
    active.collect();
    EXPECT_THAT(active.collect().series, ElementsAre(series("drift", 1)));
}

TEST(ActiveAlerts, BeyondTheBoundAlertsAreCountedWhileTheyFire) {
    ActiveAlerts active(2);
    for (std::uint64_t sensor = 1; sensor <= 5; ++sensor) {
        active.apply(alert("jump", sensor, firing));
    }
    ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_THAT(scrape.series, ElementsAre(series("jump", 1), series("jump", 2)));
    EXPECT_EQ(scrape.truncated, 3u);

    active.apply(alert("jump", 4, resolved));
    scrape = active.collect();
    EXPECT_THAT(scrape.series, ElementsAre(series("jump", 1), series("jump", 2)));
    EXPECT_EQ(scrape.truncated, 2u);
}

TEST(ActiveAlerts, RoomIsGivenToWhatFiresNext) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 2, firing));
    active.apply(alert("jump", 1, resolved));
    active.collect();
    active.collect();
    active.apply(alert("jump", 3, firing));
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_THAT(scrape.series, ElementsAre(series("jump", 3)));
    EXPECT_EQ(scrape.truncated, 1u);
}

TEST(ActiveAlerts, TheEndOfAnAlertThatNobodySawBeginIsNothing) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, resolved));
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_THAT(scrape.series, IsEmpty());
    EXPECT_EQ(scrape.truncated, 0u);
}

TEST(ActiveAlerts, ForgetsAllWhereRecordsWereMissed) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 2, firing));
    active.forget();
    active.apply(alert("jump", 3, firing));
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_THAT(scrape.series, ElementsAre(series("jump", 3)));
    EXPECT_EQ(scrape.truncated, 0u);
}

TEST(ActiveAlerts, ARuleNameMayFillItsField) {
    const std::string name(rule_name_bytes, 'r');
    ActiveAlerts active(1);
    active.apply(alert(name, 1, firing));
    EXPECT_THAT(active.collect().series, ElementsAre(series(name, 1)));
}

TEST(ActiveAlerts, IsUsedByManyThreads) {
    ActiveAlerts active(1'000);
    std::thread other([&] {
        for (std::uint64_t sensor = 0; sensor < 1'000; ++sensor) {
            active.apply(alert("jump", sensor, firing));
        }
    });
    std::size_t seen = 0;
    while (seen < 1'000) {
        const std::size_t now = active.collect().series.size();
        EXPECT_GE(now, seen);
        seen = now;
    }
    other.join();
}

}  // namespace
}  // namespace roda::appliance
