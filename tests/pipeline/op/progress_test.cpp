// SPDX-License-Identifier: Apache-2.0
// progress: when it reports, and what.
#include "pipeline/op/progress.hpp"

#include <gtest/gtest.h>

#include "pipeline/measure/report.hpp"
#include "pipeline/op/map.hpp"
#include "tests/pipeline/measure/fake_clock.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

std::vector<Emission<Reading>> passed_on(const std::vector<Reading>& readings) {
    std::vector<Emission<Reading>> emissions;
    for (std::size_t i = 0; i < readings.size(); ++i) {
        emissions.push_back({readings[i], i});
    }
    return emissions;
}

TEST(Progress, ReportsAfterEachNRecordsAndPassesAllOn) {
    FakeTime time{.now_ns = 100 * second_ns, .step_ns = second_ns};
    std::vector<Progress> reports;
    const std::vector<Reading> readings(8, Reading{1, 2, 3});
    const auto out =
        run_pipe(progress(
                     {.every_records = 3},
                     [&reports](const Progress& reached) { reports.push_back(reached); },
                     FakeClock{&time}),
                 readings,
                 2);
    EXPECT_EQ(out, passed_on(readings));
    EXPECT_EQ(
        reports,
        (std::vector<Progress>{
            {.records = 3, .elapsed_ns = second_ns, .interval_per_s = 3, .average_per_s = 3},
            {.records = 6, .elapsed_ns = 2 * second_ns, .interval_per_s = 3, .average_per_s = 3}}));
    EXPECT_EQ(time.readings, 3u) << "the clock is read at the first item and for reports only";
}

TEST(Progress, CountsWhatComesThroughOtherOperators) {
    FakeTime time{.step_ns = second_ns};
    std::vector<std::uint64_t> reports;
    const auto out =
        run_pipe(pipe(map([](const Reading& r) { return r.sensor_id; }),
                      progress(
                          {.every_records = 2},
                          [&reports](const Progress& p) { reports.push_back(p.records); },
                          FakeClock{&time})),
                 std::vector<Reading>{{1, 2, 3}, {2, 2, 3}, {3, 2, 3}, {4, 2, 3}});
    EXPECT_EQ(out, (std::vector<Emission<std::uint64_t>>{{1, 0}, {2, 1}, {3, 2}, {4, 3}}));
    EXPECT_EQ(reports, (std::vector<std::uint64_t>{2, 4}));
}

TEST(Progress, EveryRecordIsAnInterval) {
    FakeTime time{.step_ns = second_ns / 2};
    std::vector<Progress> reports;
    run_pipe(progress(
                 {.every_records = 1},
                 [&reports](const Progress& reached) { reports.push_back(reached); },
                 FakeClock{&time}),
             std::vector<Reading>(3, Reading{1, 2, 3}));
    EXPECT_EQ(
        reports,
        (std::vector<Progress>{
            {.records = 1, .elapsed_ns = 0, .interval_per_s = 0, .average_per_s = 0},
            {.records = 2, .elapsed_ns = second_ns / 2, .interval_per_s = 2, .average_per_s = 4},
            {.records = 3, .elapsed_ns = second_ns, .interval_per_s = 2, .average_per_s = 3}}));
}

TEST(Progress, IsPrintedOnlyByWhomTheUserNames) {
    FakeTime time{.step_ns = second_ns};
    ::testing::internal::CaptureStderr();
    run_pipe(progress({.every_records = 2}, print_progress("readings"), FakeClock{&time}),
             std::vector<Reading>(3, Reading{1, 2, 3}));
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "readings: 2 records, 2/s, 2/s on average, 1.0 s\n");
}

TEST(ProgressDeathTest, IntervalOfNoneIsTheProgrammersError) {
    EXPECT_DEATH(progress({.every_records = 0}, [](const Progress&) {}), "at least 1");
}

}  // namespace
}  // namespace roda
