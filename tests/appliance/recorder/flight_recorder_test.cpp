// SPDX-License-Identifier: Apache-2.0
// When the flight recorder writes, how its files are called, and which of them stay.
#include "appliance/recorder/flight_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "appliance/alerting/lane_path.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/store/broadcast_journal.hpp"

namespace roda::appliance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

class FlightRecorderTest : public testing::Test {
  protected:
    FlightRecorderTest() {
        config_.instance = "hall";
        config_.alerts.directory = directory_;
        config_.recorder.directory = directory_ / "frames";
        config_.rules = {rule("quiet", false), rule("loud", true)};
        lane_.emplace(lane_path(config_),
                      JournalOptions{.capacity_records = 1024, .schema = alert_record_schema});
    }

    ~FlightRecorderTest() override { std::filesystem::remove_all(directory_); }

    FlightRecorder::Write write() {
        return [this](const std::string& path, const std::string& comment) {
            const std::lock_guard lock(mutex_);
            comments_.push_back(comment);
            if (!failure_.empty()) {
                return dpdk::RecordingResult{.error = failure_};
            }
            std::ofstream(path) << comment;
            return dpdk::RecordingResult{.frames = 7};
        };
    }

    static Rule rule(const std::string& name, bool record) {
        Rule rule;
        rule.name = name;
        rule.record = record;
        return rule;
    }

    void alert(std::string_view rule, Transition transition, std::uint64_t sensor) {
        AlertRecord record{};
        std::ranges::copy(rule, record.rule_name.begin());
        record.transition = transition;
        record.sensor_id = sensor;
        lane_->append(record);
    }

    std::vector<std::string> comments() {
        const std::lock_guard lock(mutex_);
        return comments_;
    }

    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(config_.recorder.directory)) {
            names.push_back(entry.path().filename());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    template <typename Done>
    static bool within_seconds(Done done) {
        const auto deadline = std::chrono::steady_clock::now() + 5s;
        while (!done() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(1ms);
        }
        return done();
    }

    static std::filesystem::path make_directory() {
        auto pattern = (std::filesystem::temp_directory_path() / "roda_recorder_XXXXXX").string();
        return ::mkdtemp(pattern.data());
    }

    const std::filesystem::path directory_ = make_directory();
    Config config_;
    std::optional<BroadcastJournal<AlertRecord>> lane_;
    std::mutex mutex_;
    std::string failure_;
    std::vector<std::string> comments_;
};

TEST_F(FlightRecorderTest, WritesWhenARuleThatRecordsFires) {
    alert("loud", Transition::firing, 1);  // before its time
    FlightRecorder recorder(config_, write());
    alert("quiet", Transition::firing, 2);
    alert("loud", Transition::resolved, 3);
    alert("no", Transition::firing, 4);  // of no rule
    alert("loud", Transition::firing, 5);
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().by_rule == 1; }));
    EXPECT_THAT(comments(), ElementsAre("rule loud fired for sensor 5"));
    ASSERT_EQ(files().size(), 1u);
    EXPECT_THAT(files()[0],
                testing::MatchesRegex("hall.frames.[0-9]+T[0-9]+[.][0-9][0-9][0-9][0-9][0-9][0-9]Z"
                                      "[.]pcapng"));
}

TEST_F(FlightRecorderTest, RulesAreHeldToTheQuietTimeAndRequestsAreNot) {
    config_.recorder.quiet_seconds = 3600;
    FlightRecorder recorder(config_, write());
    alert("loud", Transition::firing, 1);
    alert("loud", Transition::firing, 2);
    alert("loud", Transition::firing, 3);
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().skipped == 2; }));
    recorder.ask();
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().by_request == 1; }));
    alert("loud", Transition::firing, 4);
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().skipped == 3; }));
    EXPECT_EQ(recorder.counters(), (RecorderCounters{.by_rule = 1, .by_request = 1, .skipped = 3}));
    EXPECT_THAT(comments(), ElementsAre("rule loud fired for sensor 1", "on request"));
}

TEST_F(FlightRecorderTest, WithoutAQuietTimeEachAlertHasAFile) {
    config_.recorder.quiet_seconds = 0;
    FlightRecorder recorder(config_, write());
    alert("loud", Transition::firing, 1);
    alert("loud", Transition::firing, 2);
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().by_rule == 2; }));
    EXPECT_EQ(files().size(), 2u);
}

TEST_F(FlightRecorderTest, AFailureIsCountedAndNotTriedOnceAnAlert) {
    failure_ = "no space";
    FlightRecorder recorder(config_, write());
    alert("loud", Transition::firing, 1);
    alert("loud", Transition::firing, 2);
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().skipped == 1; }));
    EXPECT_EQ(recorder.counters(), (RecorderCounters{.failed = 1, .skipped = 1}));
}

TEST_F(FlightRecorderTest, DoesBeforeItEndsWhatWasAskedFor) {
    config_.rules.clear();
    FlightRecorder recorder(config_, write());
    recorder.ask();
    recorder.stop();
    EXPECT_EQ(recorder.counters(), (RecorderCounters{.by_request = 1}));
    recorder.ask();
    recorder.stop();
    EXPECT_EQ(recorder.counters(), (RecorderCounters{.by_request = 1}));
}

TEST_F(FlightRecorderTest, AReloadDecidesAnewWhichRulesRecord) {
    config_.recorder.quiet_seconds = 0;
    FlightRecorder recorder(config_, write());
    recorder.set_rules(std::vector<Rule>{rule("quiet", true), rule("loud", false)});
    alert("loud", Transition::firing, 1);
    alert("quiet", Transition::firing, 2);
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().by_rule == 1; }));
    EXPECT_THAT(comments(), ElementsAre("rule quiet fired for sensor 2"));
}

TEST_F(FlightRecorderTest, FollowsTheAlertsFromTheReloadThatBringsTheFirstRuleThatRecords) {
    config_.recorder.quiet_seconds = 0;
    config_.rules.clear();
    FlightRecorder recorder(config_, write());
    alert("loud", Transition::firing, 1);
    recorder.set_rules(std::vector<Rule>{rule("loud", true)});
    alert("loud", Transition::firing, 2);
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().by_rule == 1; }));
    recorder.set_rules({});
    recorder.set_rules(std::vector<Rule>{rule("loud", true)});
    alert("loud", Transition::firing, 3);
    EXPECT_TRUE(within_seconds([&] { return recorder.counters().by_rule == 2; }));
    EXPECT_THAT(comments(),
                ElementsAre("rule loud fired for sensor 2", "rule loud fired for sensor 3"));
}

TEST_F(FlightRecorderTest, KeepsTheNewestOfItsFilesAndTouchesNoOther) {
    std::filesystem::create_directories(config_.recorder.directory);
    const std::vector<std::string> others = {
        "hall.alerts.0", "hall.frames.notes", "hall2.frames.20200101T000000.000000Z.pcapng"};
    for (const auto& name : others) {
        std::ofstream(config_.recorder.directory + '/' + name) << "x";
    }
    std::ofstream(config_.recorder.directory + "/hall.frames.20200101T000000.000000Z.pcapng.part");
    config_.recorder.files = 2;
    const RecordingFiles files_of(config_);
    EXPECT_EQ(files(), others) << "what an earlier run left unfinished is gone";
    for (const std::uint64_t second : {1'700'000'003u, 1'700'000'001u, 1'700'000'002u}) {
        std::ofstream(files_of.path_at(second * 1'000'000'000 + 1'234'567)) << "x";
        files_of.keep_newest();
    }
    auto expected = others;
    expected.push_back("hall.frames.20231114T221322.001234Z.pcapng");
    expected.push_back("hall.frames.20231114T221323.001234Z.pcapng");
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(files(), expected);
}

TEST_F(FlightRecorderTest, DirectoryThatCannotBeIsAStartupError) {
    std::ofstream(directory_ / "file") << "x";
    config_.recorder.directory = directory_ / "file";
    try {
        const RecordingFiles files_of(config_);
        FAIL();
    } catch (const StartupError& error) {
        EXPECT_THAT(error.what(), HasSubstr("cannot hold recordings"));
        EXPECT_THAT(error.what(), HasSubstr("set recorder.directory"));
    }
}

}  // namespace
}  // namespace roda::appliance
