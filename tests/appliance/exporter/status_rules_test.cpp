// SPDX-License-Identifier: Apache-2.0
// What `roda status` says of the rules: from the Status through the files to the text and the JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "appliance/exporter/status_board.hpp"
#include "appliance/exporter/status_reader.hpp"
#include "appliance/exporter/status_text.hpp"
#include "tests/appliance/exporter/sample.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda::appliance {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class StatusRules : public testing::Test {
  protected:
    StatusRules() {
        config_.alerts.directory = directory_.path();
        config_.ingest.max_devices = 1;
        status_.shards.resize(1);
        start();
    }

    void start() {
        board_.reset();
        board_ = std::make_unique<StatusBoard>(config_, 1);
    }

    StatusPicture picture() {
        board_->show(status_);
        return read_status(directory_.path(), config_.instance);
    }

    /// `count` rules, named r0, r1, ..., of which nothing is counted.
    void have_rules(std::size_t count) {
        std::vector<SeriesRegistry::Series> series;
        for (std::size_t i = 0; i < count; ++i) {
            series.push_back({"r" + std::to_string(i), Severity::warning});
        }
        status_.series = std::make_shared<const std::vector<SeriesRegistry::Series>>(series);
        status_.alerts.assign(count, {});
    }

    static std::vector<std::string> names(const std::vector<RuleFigures>& rules) {
        std::vector<std::string> all;
        for (const RuleFigures& rule : rules) {
            all.emplace_back(text_of(rule.name));
        }
        return all;
    }

    TemporaryDirectory directory_;
    Config config_ = sample_config();
    Status status_ = sample_status();
    std::unique_ptr<StatusBoard> board_;
};

TEST_F(StatusRules, ThePageShowsWhatStandsWhatWasAndHowReloadsWent) {
    EXPECT_THAT(
        to_text(picture(), {}),
        HasSubstr("\nrules     2 with 45 alarm points; 39 alarms not at rest; reloads: 7, failed: "
                  "3; the last FAILED, the rules are as before\n"
                  "rule   severity  firing  pending  shelved  fired  resolved\n"
                  "jump   critical      26       14        0     30         4\n"
                  "drift  info           1        0        5      1         0\n"
                  "\n"));
}

TEST_F(StatusRules, TheJsonObjectHasAllOfEach) {
    EXPECT_THAT(
        to_json(picture(), {}),
        HasSubstr(R"("reload":{"last_ok":false,"last_success_ns":1700000100500000000,"total":7,)"
                  R"("failed":3,"took_ns":250000000,"rules":2,"points":45},"rules":[)"
                  R"({"rule":"jump","severity":"critical","pending":50,"cancelled":6,"firing":30,)"
                  R"("resolved":4,"acknowledged":0,"flapping":2,"shelved":0,"unshelved":0,)"
                  R"("firing_now":26,"pending_now":14,"shelved_now":0},)"
                  R"({"rule":"drift","severity":"info",)"));
}

TEST_F(StatusRules, OfManyRulesThoseWithAlertsAreShownAndTheOthersCounted) {
    have_rules(500);
    for (std::size_t i = 100; i < 130; ++i) {
        status_.alerts[i].transitions[static_cast<std::size_t>(Transition::firing)] = 1;
    }
    status_.reload = {};
    const std::string text = to_text(picture(), {});
    EXPECT_THAT(text,
                AllOf(HasSubstr("\nr100 "),
                      HasSubstr("\nr119 "),
                      Not(HasSubstr("\nr120 ")),
                      Not(HasSubstr("\nr99 ")),
                      Not(HasSubstr("FAILED")),
                      HasSubstr("\nand 10 more with alerts, 470 more, quiet\n")));
    EXPECT_EQ(picture().rules.size(), 500u);
    EXPECT_THAT(to_json(picture(), {}), HasSubstr(R"({"rule":"r499",)"));
}

TEST_F(StatusRules, WhereAllIsQuietOnlyTheirNumberIsShown) {
    have_rules(3);
    EXPECT_THAT(to_text(picture(), {}),
                AllOf(HasSubstr("\nand 3 rules, quiet\n"), Not(HasSubstr("resolved\n"))));
    have_rules(0);
    EXPECT_THAT(to_text(picture(), {}), Not(HasSubstr("quiet")));
}

TEST_F(StatusRules, WhatStandsIsMoreUrgentThanWhatDoesNotAndTheSevereBeforeTheMany) {
    have_rules(6);
    *status_.alerts.begin() = {};
    status_.alerts[1].transitions.fill(9);
    status_.alerts[2].pending = 7;
    status_.alerts[3].firing = 1;
    status_.alerts[4].firing = 80;
    status_.alerts[5].firing = 1;
    auto series = *status_.series;
    series[1].severity = Severity::critical;
    series[5].severity = Severity::critical;
    status_.series = std::make_shared<const std::vector<SeriesRegistry::Series>>(series);
    EXPECT_THAT(names(urgent_first(picture().rules)), ElementsAre("r5", "r4", "r3", "r1", "r2"));
}

TEST_F(StatusRules, ChangesShowAndRulesThatCome) {
    have_rules(1);
    EXPECT_EQ(picture().rules.at(0).firing, 0u);
    status_.alerts[0].firing = 5;
    EXPECT_EQ(picture().rules.at(0).firing, 5u);
    have_rules(2);
    EXPECT_THAT(names(picture().rules), ElementsAre("r0", "r1"));
}

TEST_F(StatusRules, ANewRunShowsNoRuleOfTheOneBefore) {
    have_rules(5);
    picture();
    start();
    EXPECT_TRUE(read_status(directory_.path(), config_.instance).rules.empty());
    have_rules(2);
    status_.alerts[1].firing = 3;
    const std::vector<RuleFigures> rules = picture().rules;
    EXPECT_THAT(names(rules), ElementsAre("r0", "r1"));
    EXPECT_EQ(rules[1].firing, 3u);
}

TEST_F(StatusRules, NumbersThatDoNotFitStayAtTheMost) {
    status_.alerts[0].firing = std::uint64_t{1} << 40;
    EXPECT_EQ(picture().rules.at(0).firing, 0xffff'ffffu);
}

TEST_F(StatusRules, AReaderOfFewerFiguresThanRulesSeesZeros) {
    status_.alerts.clear();
    EXPECT_TRUE(is_quiet(picture().rules.at(0)));
}

}  // namespace
}  // namespace roda::appliance
