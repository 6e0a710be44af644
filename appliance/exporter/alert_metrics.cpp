// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/alert_metrics.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "appliance/alerting/alert_text.hpp"

namespace roda::appliance {

namespace {

void add_detection(Families& to, const Ledger& ledger) {
    const DetectLedger& detect = ledger.detect;
    to.counter("roda_readings_clamped_total",
               "Readings from beyond ingest.max_future_skew_ms, taken for readings of their "
               "arrival.")
        .sample(ledger.ingest.readings_clamped);
    to.counter("roda_readings_late_total",
               "Readings before their sensor's newest: accepted, not judged, but by windows.")
        .sample(detect.readings_late);
    to.counter("roda_clock_steps_total",
               "Times that a sensor's clock was set back; its alarms go on by the new one.")
        .sample(detect.clock_steps);
    to.gauge("roda_alarms",
             "Alarms that are not at rest: pending, standing, shelved, or remembered for their "
             "history.")
        .sample(detect.alarms);
    to.counter("roda_alarms_refused_total",
               "Times that an alarm could not be followed, because pipeline.max_alarms were.")
        .sample(detect.alarms_refused);
    to.counter("roda_rule_sets_refused_total",
               "Sensors that are judged by no rule, because pipeline.max_rule_sets were taken.")
        .sample(detect.rule_sets_refused);
    to.counter("roda_alarm_points_left_out_total",
               "Alarm points that a sensor matched beyond the 64 that it can have.")
        .sample(detect.points_left_out);
    to.counter("roda_windows_late_total", "Readings whose windows had all closed.")
        .sample(detect.windows_late);
    to.counter("roda_windows_refused_total",
               "Windows of a sensor that pipeline.window_memory_mb left no room for.")
        .sample(detect.windows_refused);
}

void add_rules(Families& to, const ReloadStatus& reload) {
    to.gauge("roda_rules", "Rules that are in force now.").sample(reload.rules);
    to.gauge("roda_alarm_points",
             "Alarm points that they came to: a limits rule has one for each level.")
        .sample(reload.points);
    to.gauge("roda_config_last_reload_successful",
             "Whether the rules in force are those of the files as last read.")
        .sample(reload.last_ok);
    to.gauge("roda_config_last_reload_success_timestamp_seconds",
             "When rules were last taken over, in Unix time; the start counts.")
        .sample(seconds(reload.last_success_ns));
    to.counter("roda_config_reloads_total", "Reloads asked for since the start.")
        .sample(reload.total - std::min(reload.failed, reload.total), {{"outcome", "success"}})
        .sample(reload.failed, {{"outcome", "failure"}});
    to.gauge("roda_config_reload_seconds",
             "How long the last reload took, from reading the files to the last sensor.")
        .sample(reload.seconds);
}

/// Of the series: its transitions, but of those that few rules have only what there was.
void add_transitions(Family to, const MetricLabels& of, const SeriesFigures& figures) {
    for (std::size_t i = 0; i < transition_count; ++i) {
        const auto transition = static_cast<Transition>(i);
        if (figures.transitions[i] != 0 || transition == Transition::firing ||
            transition == Transition::resolved) {
            MetricLabels labels = of;
            labels.push_back({"transition", std::string(transition_names[i])});
            to.sample(figures.transitions[i], std::move(labels));
        }
    }
}

void add_alert_counts(Families& to, const Status& status) {
    if (status.series == nullptr) {
        return;
    }
    std::vector<MetricLabels> labels;
    for (const SeriesRegistry::Series& series : *status.series) {
        labels.push_back(
            {{"rule", series.rule}, {"severity", std::string(severity_name(series.severity))}});
    }
    std::vector<SeriesFigures> figures = status.alerts;
    figures.resize(labels.size());
    Family transitions =
        to.counter("roda_alerts_total", "Transitions of alerts written to the alert journal.");
    for (std::size_t i = 0; i < labels.size(); ++i) {
        add_transitions(transitions, labels[i], figures[i]);
    }
    const auto add_gauge = [&](Family gauge, std::uint64_t SeriesFigures::*figure) {
        for (std::size_t i = 0; i < labels.size(); ++i) {
            gauge.sample(figures[i].*figure, labels[i]);
        }
    };
    add_gauge(to.gauge("roda_alerts_firing",
                       "Alerts that have fired and not resolved, each rule over all sensors; "
                       "without those that are shelved."),
              &SeriesFigures::firing);
    add_gauge(to.gauge("roda_alerts_pending",
                       "Alerts whose condition holds, not yet as long as their rule demands."),
              &SeriesFigures::pending);
    add_gauge(to.gauge("roda_alerts_shelved", "Alerts that an operator has hidden for a time."),
              &SeriesFigures::shelved);
}

MetricLabels metric_labels(const Labels& labels) {
    MetricLabels all;
    for (const auto& [name, value] : labels) {
        all.push_back({name, value});
    }
    return all;
}

void add_active_alerts(Families& to, const ActiveAlerts::Scrape& active, std::uint64_t missed) {
    std::vector<MetricLabels> labels;
    for (const ActiveAlert& alert : active.series) {
        labels.push_back(metric_labels(alert.labels));
    }
    Family series = to.gauge("roda_alert_active",
                             "An alert that stands now, or stood since the scrape before the last; "
                             "the value is always 1, the number of series is bounded.");
    for (const MetricLabels& of : labels) {
        series.sample(true, of);
    }
    Family since = to.gauge("roda_alert_active_since_timestamp_seconds",
                            "When the alert of these labels fired, by its sensor's clock.");
    for (std::size_t i = 0; i < labels.size(); ++i) {
        since.sample(seconds(active.series[i].since_ns), std::move(labels[i]));
    }
    to.gauge("roda_alert_series_truncated",
             "Alerts that stand without a series in roda_alert_active, because "
             "metrics.active_series others have one.")
        .sample(active.truncated);
    to.counter("roda_alert_records_missed_total",
               "Alert records that were overwritten before a scrape read them; roda_alerts_total "
               "and roda_alerts_firing count them nevertheless.")
        .sample(missed);
}

}  // namespace

void add_rule_metrics(Families& to, const Status& status) {
    add_detection(to, status.ledger);
    add_rules(to, status.reload);
}

void add_alert_metrics(Families& to,
                       const Status& status,
                       const ActiveAlerts::Scrape& active,
                       std::uint64_t missed) {
    add_alert_counts(to, status);
    add_active_alerts(to, active, missed);
}

}  // namespace roda::appliance
