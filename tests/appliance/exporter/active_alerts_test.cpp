// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/active_alerts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "tests/appliance/exporter/sample.hpp"

namespace roda::appliance {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr Transition firing = Transition::firing;
constexpr Transition resolved = Transition::resolved;

/// "jump 9 drift 11": what a scrape shows.
std::string shown(const ActiveAlerts::Scrape& scrape) {
    std::string text;
    for (const ActiveAlert& alert : scrape.series) {
        text += (text.empty() ? "" : ", ") + alert.name.rule;
        text += alert.name.level == Level::none
                    ? ""
                    : ' ' + std::string(level_names[static_cast<std::size_t>(alert.name.level)]);
        text += ' ' +
                (alert.name.is_of_group ? alert.name.group : std::to_string(alert.name.sensor_id));
    }
    return text;
}

AlertRecord occurrence(std::uint64_t id, Transition transition) {
    AlertRecord record = alert("jump", 1, transition);
    record.id = id;
    return record;
}

TEST(ActiveAlerts, ShowsWhatFiresByRuleThenSensor) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 10, firing));
    active.apply(alert("jump", 9, firing));
    active.apply(alert("drift", 11, firing));
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_EQ(shown(scrape), "drift 11, jump 9, jump 10");
    EXPECT_EQ(scrape.truncated, 0u);
}

TEST(ActiveAlerts, AnAlertThatFiresOnStays) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(shown(active.collect()), "jump 1");
    }
}

TEST(ActiveAlerts, AnAlertThatIsOverBeforeTheFirstScrapeIsSeenTwice) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 1, resolved));
    EXPECT_EQ(shown(active.collect()), "jump 1");
    EXPECT_EQ(shown(active.collect()), "jump 1");
    EXPECT_EQ(shown(active.collect()), "");
}

TEST(ActiveAlerts, AnAlertThatWasSeenTwiceGoesWithItsEnd) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, firing));
    active.collect();
    active.collect();
    active.apply(alert("jump", 1, resolved));
    active.apply(alert("jump", 2, firing));
    EXPECT_EQ(shown(active.collect()), "jump 2") << "and so does its room";
}

TEST(ActiveAlerts, OneThatFiresAgainWhileItLingersStays) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 1, resolved));
    active.collect();
    active.apply(alert("jump", 1, firing));
    active.collect();
    active.collect();
    EXPECT_EQ(shown(active.collect()), "jump 1");
}

TEST(ActiveAlerts, TheSameSensorUnderTwoRulesIsTwoSeries) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("drift", 1, firing));
    active.apply(alert("jump", 1, resolved));
    active.collect();
    active.collect();
    EXPECT_EQ(shown(active.collect()), "drift 1");
}

TEST(ActiveAlerts, BeyondTheBoundAlertsAreCountedWhileTheyFire) {
    ActiveAlerts active(2);
    for (std::uint64_t sensor = 1; sensor <= 5; ++sensor) {
        active.apply(alert("jump", sensor, firing));
    }
    ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_EQ(shown(scrape), "jump 1, jump 2");
    EXPECT_EQ(scrape.truncated, 3u);

    active.apply(alert("jump", 4, resolved));
    scrape = active.collect();
    EXPECT_EQ(shown(scrape), "jump 1, jump 2");
    EXPECT_EQ(scrape.truncated, 2u);
}

TEST(ActiveAlerts, RoomIsGivenToTheMostSevereThatStillStands) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 2, firing));
    AlertRecord critical = alert("jump", 3, firing);
    critical.severity = Severity::critical;
    active.apply(critical);
    active.apply(alert("jump", 1, resolved));
    EXPECT_EQ(shown(active.collect()), "jump 1");
    EXPECT_EQ(shown(active.collect()), "jump 1") << "seen twice before its room is given away";
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_EQ(shown(scrape), "jump 3");
    EXPECT_EQ(scrape.truncated, 1u);
}

TEST(ActiveAlerts, TheEndOfAnAlertThatNobodySawBeginIsNothing) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, resolved));
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_EQ(shown(scrape), "");
    EXPECT_EQ(scrape.truncated, 0u);
}

TEST(ActiveAlerts, ForgetsAllWhereRecordsWereMissed) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 2, firing));
    active.forget();
    active.apply(alert("jump", 3, firing));
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_EQ(shown(scrape), "jump 3");
    EXPECT_EQ(scrape.truncated, 0u);
}

TEST(ActiveAlerts, ARuleNameMayFillItsField) {
    const std::string name(rule_name_bytes, 'r');
    ActiveAlerts active(1);
    active.apply(alert(name, 1, firing));
    EXPECT_EQ(shown(active.collect()), name + " 1");
}

TEST(ActiveAlerts, IsActiveFromFiringToResolutionWhateverItDoesBetween) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, Transition::pending));
    EXPECT_EQ(shown(active.collect()), "") << "not yet";
    active.apply(alert("jump", 1, firing));
    for (const Transition between :
         {Transition::acknowledged, Transition::flapping, firing, Transition::flapping}) {
        active.apply(alert("jump", 1, between));
        active.collect();
        active.collect();
        EXPECT_EQ(shown(active.collect()), "jump 1") << static_cast<int>(between);
    }
    EXPECT_TRUE(active.look().series[0].acknowledged);
    EXPECT_TRUE(active.look().series[0].flapping);
    active.apply(alert("jump", 1, resolved));
    active.collect();
    EXPECT_EQ(shown(active.collect()), "");
}

TEST(ActiveAlerts, OneThatWasCancelledWasNever) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, Transition::pending));
    active.apply(alert("jump", 1, Transition::cancelled));
    EXPECT_EQ(shown(active.collect()), "");
    EXPECT_EQ(active.collect().truncated, 0u);
}

TEST(ActiveAlerts, AShelvedOneLeavesAtOnceAndComesBackAsItWas) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 1, Transition::acknowledged));
    const ActiveAlert before = active.collect().series.at(0);
    active.apply(alert("jump", 1, Transition::shelved));
    EXPECT_EQ(shown(active.collect()), "");
    EXPECT_EQ(active.collect().truncated, 0u);
    active.apply(alert("jump", 1, Transition::unshelved));
    EXPECT_THAT(active.collect().series, ElementsAre(before));
}

TEST(ActiveAlerts, OneThatEndsBehindItsShelfIsNotShownAgain) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 1, Transition::shelved));
    active.apply(alert("jump", 2, firing));
    EXPECT_EQ(shown(active.collect()), "jump 2") << "its room is free meanwhile";
    active.apply(alert("jump", 1, Transition::unshelved));
    EXPECT_EQ(active.collect().truncated, 1u);
    active.apply(alert("jump", 1, resolved));
    EXPECT_EQ(active.collect().truncated, 0u);
}

TEST(ActiveAlerts, OneThatEndsWithItsShelfIsNotShownAgainWhereThereIsRoom) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 1, Transition::shelved));
    active.apply(alert("jump", 1, Transition::unshelved));
    active.apply(alert("jump", 1, resolved));
    EXPECT_EQ(shown(active.collect()), "");
}

TEST(ActiveAlerts, OneThatIsOverWhenItIsShelvedIsSeenTwiceAllTheSame) {
    ActiveAlerts active(1);
    for (const Transition transition : {firing, resolved, Transition::shelved}) {
        active.apply(alert("jump", 1, transition));
    }
    EXPECT_EQ(shown(active.collect()), "jump 1");
    EXPECT_EQ(shown(active.collect()), "jump 1");
    EXPECT_EQ(shown(active.collect()), "");
}

TEST(ActiveAlerts, AnAlarmAtRestThatIsShelvedIsNoAlert) {
    ActiveAlerts active(1);
    active.apply(occurrence(0, Transition::shelved));
    active.apply(occurrence(0, Transition::unshelved));
    EXPECT_EQ(shown(active.collect()), "");
}

TEST(ActiveAlerts, TheEndOfAnotherOccurrenceIsNotThisOnes) {
    ActiveAlerts active(1);
    active.apply(occurrence(7, firing));
    active.apply(occurrence(8, firing));
    active.apply(occurrence(7, resolved));
    active.apply(occurrence(7, Transition::shelved));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(shown(active.collect()), "jump 1");
    }
    active.apply(occurrence(8, resolved));
    active.collect();
    EXPECT_EQ(shown(active.collect()), "");
}

TEST(ActiveAlerts, ANewOccurrenceBeginsAnew) {
    ActiveAlerts active(1);
    active.apply(occurrence(1, firing));
    active.apply(occurrence(1, Transition::acknowledged));
    active.apply(occurrence(1, resolved));
    AlertRecord second = occurrence(2, firing);
    second.event_ns += 5;
    active.apply(second);
    const ActiveAlert seen = active.collect().series.at(0);
    EXPECT_EQ(seen.id, 2u);
    EXPECT_EQ(seen.since_ns, second.event_ns);
    EXPECT_FALSE(seen.acknowledged);
}

TEST(ActiveAlerts, AnAcknowledgedOneStandsAlsoWhenItsFiringWasMissed) {
    ActiveAlerts active(1);
    active.apply(alert("jump", 1, Transition::acknowledged));
    EXPECT_EQ(shown(active.collect()), "jump 1");
}

TEST(ActiveAlerts, LevelsOfASensorAreSeriesOfTheirOwn) {
    ActiveAlerts active(10);
    AlertRecord high = alert("tank", 1, firing);
    high.level = Level::hi;
    AlertRecord highest = alert("tank", 1, firing);
    highest.level = Level::hihi;
    active.apply(high);
    active.apply(highest);
    EXPECT_EQ(shown(active.collect()), "tank hihi 1, tank hi 1");
    high.transition = resolved;
    active.apply(high);
    active.collect();
    EXPECT_EQ(shown(active.collect()), "tank hihi 1");
}

TEST(ActiveAlerts, AGroupsAlertIsTheGroupsWhoeverMadeOrEndedIt) {
    ActiveAlerts active(10);
    AlertRecord record = alert("halls", 1, firing);
    record.group = 3;
    record.id = 77;
    std::ranges::copy(std::string_view("hall 7"), record.subject.begin());
    active.apply(record);
    EXPECT_EQ(shown(active.collect()), "halls hall 7");
    EXPECT_THAT(
        active.look().series.at(0).labels,
        ElementsAre(Pair("rule", "halls"), Pair("severity", "warning"), Pair("group", "hall 7")));
    record.sensor_id = 2;
    record.group = 5;  // numbered anew by a reload
    record.transition = resolved;
    active.apply(record);
    active.collect();
    EXPECT_EQ(shown(active.collect()), "");
}

TEST(ActiveAlerts, AnAlarmThatTwoShardsHaveIsOneSeriesUntilBothEnded) {
    ActiveAlerts active(10);
    AlertRecord here = occurrence(1, firing);
    AlertRecord there = occurrence(2, firing);
    there.shard = 1;
    there.event_ns -= 1;
    active.apply(here);
    active.apply(there);
    EXPECT_EQ(shown(active.collect()), "jump 1");
    EXPECT_EQ(active.look().series[0].since_ns, there.event_ns) << "the older one's";
    here.transition = resolved;
    active.apply(here);
    active.collect();
    active.collect();
    EXPECT_EQ(shown(active.collect()), "jump 1");
    there.transition = resolved;
    active.apply(there);
    active.collect();
    EXPECT_EQ(shown(active.collect()), "");
}

TEST(ActiveAlerts, WhoLooksSeesWhatStandsAndIsNoScrape) {
    ActiveAlerts active(10);
    active.apply(alert("jump", 1, firing));
    active.apply(alert("jump", 2, firing));
    active.apply(alert("jump", 2, resolved));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(shown(active.look()), "jump 1");
    }
    EXPECT_EQ(shown(active.collect()), "jump 1, jump 2");
}

TEST(ActiveAlerts, LabelsAreTheAlertsThenTheInventorysOrTheRulesThenTheRulesOthers) {
    ActiveAlerts active(10);
    active.set_book(sample_book());
    AlertRecord known = alert("jump", 417, firing);
    known.level = Level::lo;
    active.apply(known);
    active.apply(alert("drift", 418, firing));
    active.apply(alert("gone", 419, firing));
    const ActiveAlerts::Scrape scrape = active.collect();
    EXPECT_THAT(scrape.series.at(0).labels,
                ElementsAre(Pair("rule", "drift"),
                            Pair("severity", "warning"),
                            Pair("sensor", "418"),
                            Pair("name", "PI-2"),
                            Pair("area", "south")));
    EXPECT_THAT(
        scrape.series.at(1).labels,
        ElementsAre(Pair("rule", "gone"), Pair("severity", "warning"), Pair("sensor", "419")));
    EXPECT_THAT(scrape.series.at(2).labels,
                ElementsAre(Pair("rule", "jump"),
                            Pair("severity", "warning"),
                            Pair("level", "lo"),
                            Pair("sensor", "417"),
                            Pair("name", "TI-101"),
                            Pair("unit", "\u00b0C"),
                            Pair("area", "north"),
                            Pair("building", "east"),
                            Pair("group", "hall 7"),
                            Pair("team", "night \"shift\"")));
    active.set_book(nullptr);
    EXPECT_EQ(active.collect().series.at(2).labels.size(), 4u);
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
