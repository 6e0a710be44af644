// SPDX-License-Identifier: Apache-2.0
// Sensor readings to alerts, the shortest whole program: one stage, one slot for each sensor.
// An alert when a sensor's mean rises by half at once; once per rise, not once per reading.
#include <cmath>
#include <cstdio>

#include "pipeline/examples/arguments.hpp"
#include "pipeline/roda.hpp"

namespace roda::examples {
namespace {

constexpr std::uint64_t sensors = 1'000;

struct Reading {
    std::uint64_t sensor_id;
    double value;
    std::uint64_t timestamp_ns;
};

struct Summary {
    double mean;
    std::uint64_t count;
};

struct Alert {
    std::uint64_t severity;  // 0: back to normal
    double mean;
};

auto alerts_of_readings() {
    auto finite = [](const Reading& r) { return std::isfinite(r.value); };
    auto sensor = [](const Reading& r) { return r.sensor_id; };
    auto init = [](const Reading& r) { return Summary{r.value, 1}; };
    auto fold = [](Summary& s, const Reading& r) {
        ++s.count;
        s.mean += (r.value - s.mean) / static_cast<double>(s.count);
    };
    auto judge = [](const Summary& now, const Summary* before) {
        const bool rose = before != nullptr && now.mean > before->mean * 1.5;
        return Alert{rose ? 1u : 0u, now.mean};
    };
    auto severity = [](const Alert& alert) { return alert.severity; };
    return pipe(
        filter(finite),
        keyed_by(
            {.max_keys = sensors}, sensor, stateful(init, fold), delta(judge), dedup_by(severity)),
        filter([](const Alert& alert) { return alert.severity != 0; }));
}

/// Values around 10; the 5th reading of every 100th sensor is ten times as large.
Reading reading(std::uint64_t at) {
    const std::uint64_t sensor = at % sensors;
    const std::uint64_t turn = at / sensors;
    const double value = sensor % 100 == 0 && turn == 5 ? 100.0 : 10.0;
    return {sensor, value, at};
}

int run(const Arguments& arguments) {
    auto engine = roda::engine<Reading>({.journal_records = 65'536})
                      .stage({.name = "alerts", .core = arguments.core(0)}, alerts_of_readings())
                      .build();
    engine->run();
    std::uint64_t alerts = 0;
    const std::uint64_t began_ns = monotonic_now_ns();
    for (std::uint64_t i = 0; i < arguments.count; ++i) {
        engine->send(reading(i));
        while (engine->try_receive()) {
            ++alerts;
        }
    }
    engine->stop();
    while (engine->try_receive()) {
        ++alerts;
    }
    const double seconds = static_cast<double>(monotonic_now_ns() - began_ns) * 1e-9;
    std::printf("%lu readings, %lu alerts\n", arguments.count, alerts);
    std::fprintf(
        stderr, "%.1f M readings/s\n", static_cast<double>(arguments.count) / seconds * 1e-6);
    return engine->failure().empty() ? 0 : 1;
}

}  // namespace
}  // namespace roda::examples

int main(int argc, char** argv) {
    return roda::examples::run(roda::examples::Arguments::parse(argc, argv, 10'000'000));
}
