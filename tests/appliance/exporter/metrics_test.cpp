// SPDX-License-Identifier: Apache-2.0
// The whole exposition of a small appliance, and what promtool says about it.
#include "appliance/exporter/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "appliance/version.hpp"
#include "tests/appliance/exporter/sample.hpp"

namespace roda::appliance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::uint64_t no_alerts(ActiveAlerts&) {
    return 0;
}

std::string exposition(const Metrics& metrics) {
    return prometheus::TextSerializer().Serialize(metrics.Collect());
}

std::string without_help(const std::string& text) {
    std::istringstream lines(text);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("# HELP ")) {
            out += line + '\n';
        }
    }
    return out;
}

struct Ran {
    int status;
    std::string output;
};

Ran run(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::string output;
    std::array<char, 4096> part{};
    while (const std::size_t bytes = std::fread(part.data(), 1, part.size(), pipe)) {
        output.append(part.data(), bytes);
    }
    return {::pclose(pipe), output};
}

constexpr std::string_view whole_exposition =
    R"(# TYPE roda_build_info gauge
roda_build_info{version="VERSION"} 1
# TYPE roda_ready gauge
roda_ready 1
# TYPE roda_start_timestamp_seconds gauge
roda_start_timestamp_seconds 1700000000.5
# TYPE roda_memory_info gauge
roda_memory_info{pages="2 MiB hugepages"} 1
# TYPE roda_device_info gauge
roda_device_info{device="net_tap0,iface=roda0",driver="net_tap"} 1
# TYPE roda_port_frames_total counter
roda_port_frames_total{outcome="received"} 1000070
roda_port_frames_total{outcome="missed"} 5
roda_port_frames_total{outcome="error"} 6
roda_port_frames_total{outcome="no_buffer"} 7
# TYPE roda_fragments_dropped_total counter
roda_fragments_dropped_total{reason="disabled"} 0
roda_fragments_dropped_total{reason="malformed"} 1
roda_fragments_dropped_total{reason="too_long"} 2
roda_fragments_dropped_total{reason="duplicate"} 3
roda_fragments_dropped_total{reason="overlap"} 4
roda_fragments_dropped_total{reason="contradiction"} 5
roda_fragments_dropped_total{reason="table_full"} 6
roda_fragments_dropped_total{reason="timeout"} 7
# TYPE roda_fragments_waiting gauge
roda_fragments_waiting 8
# TYPE roda_exception_frames_total counter
roda_exception_frames_total{direction="to_kernel",outcome="passed"} 300
roda_exception_frames_total{direction="to_kernel",outcome="no_room"} 5
roda_exception_frames_total{direction="to_kernel",outcome="rejected"} 1
roda_exception_frames_total{direction="from_kernel",outcome="passed"} 44
roda_exception_frames_total{direction="from_kernel",outcome="rejected"} 3
# TYPE roda_port_link_up gauge
roda_port_link_up 1
# TYPE roda_port_link_changes_total counter
roda_port_link_changes_total 29
# TYPE roda_port_restarts_total counter
roda_port_restarts_total 31
# TYPE roda_port_removed gauge
roda_port_removed 0
# TYPE roda_port_xstat gauge
roda_port_xstat{name="rx_good_packets"} 1000070
roda_port_xstat{name="rx_q0_errors"} 23
# TYPE roda_recorder_frames gauge
roda_recorder_frames 4096
# TYPE roda_recorder_dumps_total counter
roda_recorder_dumps_total{cause="rule"} 31
roda_recorder_dumps_total{cause="request"} 32
# TYPE roda_recorder_dumps_failed_total counter
roda_recorder_dumps_failed_total 33
# TYPE roda_recorder_alerts_skipped_total counter
roda_recorder_alerts_skipped_total 34
# TYPE roda_frames_total counter
roda_frames_total 1000066
# TYPE roda_frames_reassembled_total counter
roda_frames_reassembled_total 41
# TYPE roda_frames_neighbour_total counter
roda_frames_neighbour_total 600
# TYPE roda_frames_diverted_total counter
roda_frames_diverted_total 300
# TYPE roda_frames_fragment_total counter
roda_frames_fragment_total 116
# TYPE roda_frames_refused_total counter
roda_frames_refused_total{reason="truncated"} 1
roda_frames_refused_total{reason="oversized"} 2
roda_frames_refused_total{reason="unknown_ethertype"} 3
roda_frames_refused_total{reason="bad_ip_header"} 4
roda_frames_refused_total{reason="bad_ip_checksum"} 5
roda_frames_refused_total{reason="fragment"} 6
roda_frames_refused_total{reason="wrong_address"} 7
roda_frames_refused_total{reason="broadcast"} 8
roda_frames_refused_total{reason="other_group"} 9
roda_frames_refused_total{reason="unknown_protocol"} 10
roda_frames_refused_total{reason="bad_udp_length"} 11
roda_frames_refused_total{reason="bad_udp_checksum"} 12
roda_frames_refused_total{reason="wrong_port"} 13
# TYPE roda_datagrams_total counter
roda_datagrams_total 999000
# TYPE roda_datagrams_accepted_total counter
roda_datagrams_accepted_total 998913
# TYPE roda_datagrams_refused_total counter
roda_datagrams_refused_total{reason="malformed"} 12
roda_datagrams_refused_total{reason="column_mismatch"} 13
roda_datagrams_refused_total{reason="too_many_readings"} 14
roda_datagrams_refused_total{reason="no_readings"} 15
roda_datagrams_refused_total{reason="duplicate"} 16
roda_datagrams_refused_total{reason="stale"} 11
roda_datagrams_refused_total{reason="future"} 6
# TYPE roda_datagrams_lost gauge
roda_datagrams_lost 18
# TYPE roda_datagrams_reordered_total counter
roda_datagrams_reordered_total 19
# TYPE roda_datagrams_untracked_total counter
roda_datagrams_untracked_total 20
# TYPE roda_ingest_bytes_total counter
roda_ingest_bytes_total 239739120
# TYPE roda_readings_total counter
roda_readings_total 9989130
# TYPE roda_readings_accepted_total counter
roda_readings_accepted_total 9989000
# TYPE roda_readings_refused_total counter
roda_readings_refused_total{reason="non_finite"} 21
roda_readings_refused_total{reason="key_table_full"} 22
# TYPE roda_sensors gauge
roda_sensors 4000
# TYPE roda_ledger_balanced gauge
roda_ledger_balanced 1
# TYPE roda_readings_clamped_total counter
roda_readings_clamped_total 36
# TYPE roda_readings_late_total counter
roda_readings_late_total 37
# TYPE roda_clock_steps_total counter
roda_clock_steps_total 38
# TYPE roda_alarms gauge
roda_alarms 39
# TYPE roda_alarms_refused_total counter
roda_alarms_refused_total 40
# TYPE roda_rule_sets_refused_total counter
roda_rule_sets_refused_total 41
# TYPE roda_alarm_points_left_out_total counter
roda_alarm_points_left_out_total 42
# TYPE roda_windows_late_total counter
roda_windows_late_total 43
# TYPE roda_windows_refused_total counter
roda_windows_refused_total 44
# TYPE roda_rules gauge
roda_rules 2
# TYPE roda_alarm_points gauge
roda_alarm_points 45
# TYPE roda_config_last_reload_successful gauge
roda_config_last_reload_successful 0
# TYPE roda_config_last_reload_success_timestamp_seconds gauge
roda_config_last_reload_success_timestamp_seconds 1700000100.5
# TYPE roda_config_reloads_total counter
roda_config_reloads_total{outcome="success"} 4
roda_config_reloads_total{outcome="failure"} 3
# TYPE roda_config_reload_seconds gauge
roda_config_reload_seconds 0.25
# TYPE roda_alerts_total counter
roda_alerts_total{rule="jump",severity="critical",transition="pending"} 50
roda_alerts_total{rule="jump",severity="critical",transition="cancelled"} 6
roda_alerts_total{rule="jump",severity="critical",transition="firing"} 30
roda_alerts_total{rule="jump",severity="critical",transition="resolved"} 4
roda_alerts_total{rule="jump",severity="critical",transition="flapping"} 2
roda_alerts_total{rule="drift",severity="info",transition="firing"} 1
roda_alerts_total{rule="drift",severity="info",transition="resolved"} 0
# TYPE roda_alerts_firing gauge
roda_alerts_firing{rule="jump",severity="critical"} 26
roda_alerts_firing{rule="drift",severity="info"} 1
# TYPE roda_alerts_pending gauge
roda_alerts_pending{rule="jump",severity="critical"} 14
roda_alerts_pending{rule="drift",severity="info"} 0
# TYPE roda_alerts_shelved gauge
roda_alerts_shelved{rule="jump",severity="critical"} 0
roda_alerts_shelved{rule="drift",severity="info"} 5
# TYPE roda_alert_active gauge
roda_alert_active{rule="drift",severity="warning",sensor="18446744073709551615"} 1
roda_alert_active{rule="jump",severity="warning",sensor="417",name="TI-101",unit="°C",)"
    R"(area="north",building="east",group="hall 7",team="night \"shift\""} 1
# TYPE roda_alert_active_since_timestamp_seconds gauge
roda_alert_active_since_timestamp_seconds{rule="drift",severity="warning",)"
    R"(sensor="18446744073709551615"} 1700000000.25
roda_alert_active_since_timestamp_seconds{rule="jump",severity="warning",sensor="417",)"
    R"(name="TI-101",unit="°C",)"
    R"(area="north",building="east",group="hall 7",team="night \"shift\""} 1700000000.25
# TYPE roda_alert_series_truncated gauge
roda_alert_series_truncated 1
# TYPE roda_alert_records_missed_total counter
roda_alert_records_missed_total 26
# TYPE roda_worker_busy_steps_total counter
roda_worker_busy_steps_total 24
# TYPE roda_worker_idle_steps_total counter
roda_worker_idle_steps_total 25
# TYPE roda_worker_step_seconds_max gauge
roda_worker_step_seconds_max 0.125
# TYPE roda_shard_frames_total counter
roda_shard_frames_total{shard="0"} 1000000
roda_shard_frames_total{shard="1"} 66
# TYPE roda_shard_readings_total counter
roda_shard_readings_total{shard="0"} 9000000
roda_shard_readings_total{shard="1"} 989043
# TYPE roda_shard_sensors gauge
roda_shard_sensors{shard="0"} 3000
roda_shard_sensors{shard="1"} 1000
# TYPE roda_shard_waits_for_room_total counter
roda_shard_waits_for_room_total{shard="0"} 27
roda_shard_waits_for_room_total{shard="1"} 28
# TYPE roda_shard_busy_steps_total counter
roda_shard_busy_steps_total{shard="0"} 14
roda_shard_busy_steps_total{shard="1"} 10
# TYPE roda_shard_idle_steps_total counter
roda_shard_idle_steps_total{shard="0"} 11
roda_shard_idle_steps_total{shard="1"} 14
# TYPE roda_shard_rests_by_interrupt gauge
roda_shard_rests_by_interrupt{shard="0"} 1
roda_shard_rests_by_interrupt{shard="1"} 0
)";

/// With the alerts of a follower that missed some.
std::unique_ptr<Metrics> sample_metrics() {
    auto metrics = std::make_unique<Metrics>(
        sample_config(), sample_status, [](ActiveAlerts& active) -> std::uint64_t {
            active.forget();
            active.apply(alert("jump", 417, Transition::firing));
            active.apply(alert("drift", ~std::uint64_t{0}, Transition::firing));
            active.apply(alert("jump", 418, Transition::firing));
            return 26;
        });
    metrics->set_book(sample_book());
    return metrics;
}

TEST(Metrics, ExposeEveryFigureUnderItsName) {
    std::string expected(whole_exposition);
    const std::string placeholder = "VERSION";
    expected.replace(expected.find(placeholder), placeholder.size(), version);
    EXPECT_EQ(without_help(exposition(*sample_metrics())), expected);
}

TEST(Metrics, EveryFamilyHasAHelpText) {
    for (const prometheus::MetricFamily& family : sample_metrics()->Collect()) {
        EXPECT_GT(family.help.size(), 20u) << family.name;
        EXPECT_EQ(family.help.back(), '.') << family.name;
    }
}

TEST(Metrics, ShowEverySeriesThatIsKnownInAdvanceAtZero) {
    const Metrics idle(
        sample_config(),
        [] {
            Status status;
            status.series = sample_series();
            return status;
        },
        no_alerts);
    const std::string text = exposition(idle);
    for (const std::string_view reason : proto::frame_refusal_names) {
        EXPECT_THAT(
            text,
            HasSubstr("roda_frames_refused_total{reason=\"" + std::string(reason) + "\"} 0\n"));
    }
    for (const char* line :
         {"roda_port_frames_total{outcome=\"missed\"} 0\n",
          "roda_datagrams_refused_total{reason=\"malformed\"} 0\n",
          "roda_datagrams_refused_total{reason=\"duplicate\"} 0\n",
          "roda_readings_refused_total{reason=\"key_table_full\"} 0\n",
          "roda_alerts_total{rule=\"jump\",severity=\"critical\",transition=\"firing\"} 0\n",
          "roda_alerts_total{rule=\"drift\",severity=\"info\",transition=\"resolved\"} 0\n",
          "roda_alerts_firing{rule=\"drift\",severity=\"info\"} 0\n",
          "roda_config_last_reload_successful 1\n",
          "roda_config_reloads_total{outcome=\"failure\"} 0\n",
          "roda_alert_series_truncated 0\n",
          "roda_alert_records_missed_total 0\n",
          "roda_ready 0\n",
          "roda_ledger_balanced 1\n"}) {
        EXPECT_THAT(text, HasSubstr(line));
    }
    EXPECT_THAT(text, Not(HasSubstr("roda_alert_active{")));
}

TEST(Metrics, EachScrapeFollowsTheAlertsOnce) {
    int calls = 0;
    const Metrics metrics(sample_config(), sample_status, [&](ActiveAlerts& active) {
        ++calls;
        active.apply(alert("jump",
                           static_cast<std::uint64_t>(calls),
                           calls == 1 ? Transition::firing : Transition::resolved));
        return std::uint64_t{0};
    });
    EXPECT_THAT(exposition(metrics), HasSubstr("sensor=\"1\"} 1\n"));
    EXPECT_EQ(calls, 1);
    metrics.status();
    EXPECT_EQ(calls, 1);
}

TEST(Metrics, SayWhenTheLedgerDoesNotBalance) {
    const Metrics metrics(
        sample_config(),
        [] {
            Status status = sample_status();
            --status.ledger.ingest.datagrams_accepted;
            return status;
        },
        no_alerts);
    EXPECT_THAT(exposition(metrics), HasSubstr("roda_ledger_balanced 0\n"));
}

TEST(Metrics, ASeriesThatNobodyHasCountedYetIsAtZero) {
    const Metrics metrics(
        sample_config(),
        [] {
            Status status = sample_status();
            status.alerts.resize(1);  // read before the reload that brought the other
            return status;
        },
        no_alerts);
    EXPECT_THAT(exposition(metrics),
                AllOf(HasSubstr("roda_alerts_firing{rule=\"jump\",severity=\"critical\"} 26\n"),
                      HasSubstr("roda_alerts_firing{rule=\"drift\",severity=\"info\"} 0\n")));
}

TEST(Metrics, WhoAsksForTheAlertsIsNoScrape) {
    const std::unique_ptr<Metrics> metrics = sample_metrics();
    const ActiveAlerts::Scrape seen = metrics->active_alerts();
    EXPECT_EQ(seen.series.size(), 2u);
    EXPECT_EQ(seen.truncated, 1u);
}

TEST(Metrics, PromtoolHasNothingToSay) {
    if (run("command -v promtool").status != 0) {
        GTEST_SKIP() << "promtool is not installed (Debian package prometheus)";
    }
    const std::string path = testing::TempDir() + "roda_metrics_test.prom";
    std::ofstream(path) << exposition(*sample_metrics());
    const Ran promtool = run("promtool check metrics < '" + path + "'");
    EXPECT_EQ(promtool.output, "");
    EXPECT_EQ(promtool.status, 0);
    std::remove(path.c_str());
}

}  // namespace
}  // namespace roda::appliance
