// SPDX-License-Identifier: Apache-2.0
// What rules cost a reading: how many match its sensor, of which kind, how many do not; and what
// loading them anew does to the readings that come meanwhile.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "appliance/windows/window_state.hpp"
#include "bench/appliance_runs.hpp"
#include "bench/contest.hpp"
#include "bench/judge_alone.hpp"
#include "bench/reload_trial.hpp"
#include "bench/rule_mixes.hpp"
#include "bench/suite.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::bench {
namespace {

appliance::Config config_with(std::uint32_t sensors, std::vector<Rule> rules) {
    appliance::Config config;
    config.pipeline.max_sensors = sensors;
    config.rules = std::move(rules);
    return config;
}

/// Of kinds that remember something of each sensor, however quiet it is.
appliance::Config roomy(appliance::Config config) {
    config.pipeline.max_alarms += config.pipeline.max_sensors;
    constexpr std::uint32_t window_bytes = 1'280;
    config.pipeline.window_memory_mb += config.pipeline.max_sensors / (1'048'576 / window_bytes);
    return config;
}

Frames frames_of(const Options& options, std::uint32_t sensors) {
    return Frames({.frames = options.size<std::size_t>(49'152, 512),
                   .sensors = sensors,
                   .ids = Ids::scattered});
}

constexpr std::array<std::size_t, 6> matching = {0, 1, 2, 4, 8, 16};

std::string rules_text(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " rule" : " rules");
}

/// From frames to alerts, with rules that every sensor matches.
void measure_matching(Suite& suite, const std::string& size, std::uint32_t sensors) {
    const std::string name = "rules.matching_" + size;
    if (suite.leaves_out(name)) {
        return;
    }
    Frames frames = frames_of(suite.options(), sensors);
    Contest<CheckedAppliance> contest(name, frames.readings());
    contest.comparison().yardstick(copy_datagrams<3>("memcpy", frames));
    for (const std::size_t count : matching) {
        contest.add(
            rules_text(count), frames, config_with(sensors, matching_rules(count, sensors)));
    }
    contest.add("8 rules of intervals", frames, roomy(config_with(sensors, interval_rules())));
    contest.measure(suite);
}

/// The same from readings to alerts.
void measure_judging(Suite& suite, const std::string& size, std::uint32_t sensors) {
    const std::string name = "rules.judging_" + size;
    if (suite.leaves_out(name)) {
        return;
    }
    Array<proto::Reading> readings(suite.options().size<std::size_t>(2'801'664, 29'184));
    SensorLoad load(sensors, Ids::scattered);
    std::ranges::generate(readings, [&load] { return load.next(); });
    Contest<JudgeAlone> contest(name, readings.size());
    for (const std::size_t count : matching) {
        contest.add(
            rules_text(count), readings, config_with(sensors, matching_rules(count, sensors)));
    }
    contest.measure(suite);
}

/// One rule of each kind, from frames to alerts.
void measure_kinds(Suite& suite, const std::string& size, std::uint32_t sensors) {
    const std::string name = "rules.kinds_" + size;
    if (suite.leaves_out(name)) {
        return;
    }
    Frames frames = frames_of(suite.options(), sensors);
    Contest<CheckedAppliance> contest(name, frames.readings());
    contest.add("no rule", frames, config_with(sensors, {}));
    const auto add = [&](const std::string& kind, Rule rule) {
        contest.add(kind, frames, roomy(config_with(sensors, named({std::move(rule)}, "rule_"))));
    };
    add("limit of the value", limit_above(300.0));
    add("limits, four levels", all_limits(5.0));
    add("quality", quality());
    add("jump of the value", jump(3.0));
    add("jump of the mean", jump(1.5, Figure::mean));
    add("jump of the average", jump(1.5, Figure::average));
    add("3 of 5 readings", three_of_five());
    add("rate", rate(sensors));
    add("deviation", deviation(6.0));
    add("absence", absence());
    add("flatline", flatline(sensors));
    add("window's mean", window_above(Figure::window_mean, 300.0, sensors));
    add("sliding window's mean", window_above(Figure::window_mean, 300.0, sensors, 5));
    add("window's p99", window_above(Figure::window_p99, 2'000.0, sensors));
    contest.measure(suite);
}

/// Bytes on the heap now.
std::size_t heap_bytes() {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// What a sensor, an alarm and a rule take.
std::string memory_text(std::uint32_t sensors) {
    using appliance::WindowState;
    char line[320];
    std::snprintf(line,
                  sizeof(line),
                  "bytes: a sensor %zu; an alarm not at rest, flat line, silence or window of one "
                  "%zu more; a tumbling window %llu more, with quantiles %llu",
                  appliance::Detection::slot_bytes,
                  sizeof(appliance::AlarmCell),
                  static_cast<unsigned long long>(WindowState::bytes(1, false)),
                  static_cast<unsigned long long>(WindowState::bytes(1, true)));
    std::string text = line;
    for (const std::size_t count : {std::size_t{10}, std::size_t{1'000}, std::size_t{10'000}}) {
        appliance::Config config = config_with(sensors, other_rules(count, sensors));
        appliance::SeriesRegistry series;
        const std::size_t before = heap_bytes();
        const std::uint64_t began_ns = monotonic_now_ns();
        const auto book = appliance::load_rules(config, series);
        const std::uint64_t took_ns = monotonic_now_ns() - began_ns;
        std::snprintf(line,
                      sizeof(line),
                      "\n    %zu rules: %zu bytes, compiled in %.1f ms",
                      count,
                      heap_bytes() - before,
                      static_cast<double>(took_ns) * 1e-6);
        text += line;
    }
    return text;
}

/// Rules for others than these sensors, from frames to alerts.
void measure_not_matching(Suite& suite, const std::string& size, std::uint32_t sensors) {
    const std::string name = "rules.not_matching_" + size;
    if (suite.leaves_out(name)) {
        return;
    }
    Frames frames = frames_of(suite.options(), sensors);
    Contest<CheckedAppliance> contest(name, frames.readings());
    for (const std::size_t count : {std::size_t{10}, std::size_t{1'000}, std::size_t{10'000}}) {
        contest.add(rules_text(count), frames, config_with(sensors, other_rules(count, sensors)));
    }
    contest.comparison().remark(memory_text(sensors));
    contest.measure(suite);
}

/// Under full load, new rules in each round: half of those that match nothing are other ones.
/// `more`: rules beside those that match, of the number of the round.
void measure_reload(Suite& suite,
                    const std::string& name,
                    std::uint32_t sensors,
                    const std::function<std::vector<Rule>(std::uint32_t round)>& more) {
    if (suite.leaves_out(name)) {
        return;
    }
    const Options& options = suite.options();
    Frames frames = frames_of(options, sensors);
    const auto rules_of_round = [&](std::uint32_t round) {
        return matching_rules(8, sensors) + more(round);
    };
    ReloadTrial trial(frames, config_with(sensors, rules_of_round(0)));
    Result result{.name = name, .records = 1, .rows = {}};
    for (const char* row :
         {"longest step", "longest step, else", "installing", "until settled", "compiling"}) {
        result.rows.push_back({.name = row, .same_work = false, .ns_per_record = {}});
    }
    for (std::uint32_t i = 1; i <= (options.smoke ? 1 : options.rounds); ++i) {
        const ReloadTrial::Round round = trial.run(rules_of_round(i));
        const std::array figures = {
            round.longest_ns, round.usual_ns, round.install_ns, round.settled_ns, round.compile_ns};
        for (std::size_t row = 0; row < figures.size(); ++row) {
            result.rows[row].ns_per_record.push_back(static_cast<double>(figures[row]));
        }
        result.disagreement = result.disagreement || !trial.has_taken_all();
    }
    result.remarks.push_back("ns of one loading of " + rules_text(rules_of_round(0).size()) +
                             " under full load, the processor's time");
    if (result.disagreement) {
        result.remarks.push_back("a reading was refused, lost or not judged");
    }
    suite.add(std::move(result));
}

void measure_reloads(Suite& suite, const std::string& size, std::uint32_t sensors) {
    const auto half = suite.options().size<std::size_t>(5'000, 50);
    const auto by_id = [=](std::uint32_t round) {
        auto rules = other_rules(2 * half, sensors);
        for (std::size_t i = 0; i < half; ++i) {
            rules[i].hi->value += round;
        }
        return rules;
    };
    const auto by_device = [=](std::uint32_t round) {
        return other_rules(half, sensors) + device_rules(half, 300.0 + round);
    };
    measure_reload(suite, "rules.reload_" + size, sensors, by_id);
    measure_reload(suite, "rules.reload_by_device_" + size, sensors, by_device);
}

void body(Suite& suite) {
    const Options& options = suite.options();
    const auto medium = options.size(100'000u, 2'000u);
    const auto large = options.size(1'000'000u, 2'000u);
    measure_matching(suite, "1k", 1'000);
    measure_matching(suite, "100k", medium);
    measure_matching(suite, "1m", large);
    measure_judging(suite, "100k", medium);
    measure_judging(suite, "1m", large);
    measure_kinds(suite, "100k", medium);
    measure_kinds(suite, "1m", large);
    measure_not_matching(suite, "100k", medium);
    measure_not_matching(suite, "1m", large);
    measure_reloads(suite, "100k", medium);
    measure_reloads(suite, "1m", large);
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(
        argc, argv, "rules", "what rules cost a reading", roda::bench::body);
}
