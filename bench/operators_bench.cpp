// SPDX-License-Identifier: Apache-2.0
// What keyed state costs: the pipe against a loop written by hand over the same table, against the
// floor (an array indexed by sensor), and against the standard library's maps.
#include <algorithm>
#include <string>

#include "bench/keyed_rivals.hpp"
#include "bench/keyed_work.hpp"
#include "bench/suite.hpp"

namespace roda::bench {
namespace {

constexpr std::size_t burst_readings = 32 * 57;  // what 32 full datagrams hold

/// A variant that runs `each(burst, first_cause, sink)` over all readings, a burst at a time.
template <class Sink, class Each>
Variant in_bursts(std::string name, const Array<proto::Reading>& readings, Sink& sink, Each each) {
    return {.name = std::move(name),
            .run =
                [&readings, &sink, each] {
                    sink = {};
                    for (std::size_t at = 0; at < readings.size(); at += burst_readings) {
                        const std::size_t count = std::min(burst_readings, readings.size() - at);
                        each(
                            std::span<const proto::Reading>(readings.data() + at, count), at, sink);
                    }
                },
            .result = [&sink] { return sink.value(); }};
}

void measure_group(Suite& suite,
                   const std::string& name,
                   std::uint32_t sensors,
                   const Array<proto::Reading>& readings) {
    auto pipe = group_pipe(sensors);
    HandLoop hand(sensors);
    DenseArray dense(sensors);
    ThreeMaps maps(sensors);
    std::array<JumpSink, 4> sinks;
    suite.measure(
        Comparison("operators.group_" + name, readings.size())
            .same_work(in_bursts("dense array",
                                 readings,
                                 sinks[0],
                                 [&dense](auto burst, std::uint64_t cause, JumpSink& sink) {
                                     dense.run_group(burst, cause, sink);
                                 }))
            .same_work(in_bursts("hand loop",
                                 readings,
                                 sinks[1],
                                 [&hand](auto burst, std::uint64_t cause, JumpSink& sink) {
                                     hand.run(burst, cause, sink);
                                 }))
            .same_work(in_bursts("pipe",
                                 readings,
                                 sinks[2],
                                 [&pipe](auto burst, std::uint64_t cause, JumpSink& sink) {
                                     pipe.run(burst, cause, sink);
                                 }))
            .same_work(in_bursts("three maps",
                                 readings,
                                 sinks[3],
                                 [&maps](auto burst, std::uint64_t cause, JumpSink& sink) {
                                     maps.run_group(burst, cause, sink);
                                 })));
}

void measure_stateful(Suite& suite,
                      const std::string& name,
                      std::uint32_t sensors,
                      const Array<proto::Reading>& readings) {
    auto pipe = stateful_pipe(sensors);
    DenseArray dense(sensors);
    ThreeMaps maps(sensors);
    std::array<SummarySink, 3> sinks;
    suite.measure(
        Comparison("operators.stateful_" + name, readings.size())
            .same_work(in_bursts("dense array",
                                 readings,
                                 sinks[0],
                                 [&dense](auto burst, std::uint64_t cause, SummarySink& sink) {
                                     dense.run_stateful(burst, cause, sink);
                                 }))
            .same_work(in_bursts("pipe",
                                 readings,
                                 sinks[1],
                                 [&pipe](auto burst, std::uint64_t cause, SummarySink& sink) {
                                     pipe.run(burst, cause, sink);
                                 }))
            .same_work(in_bursts("one map",
                                 readings,
                                 sinks[2],
                                 [&maps](auto burst, std::uint64_t cause, SummarySink& sink) {
                                     maps.run_stateful(burst, cause, sink);
                                 })));
}

void measure(Suite& suite, const std::string& name, std::uint32_t sensors) {
    SensorLoad load(sensors, Ids::dense);
    const Array<proto::Reading> readings(suite.options().size<std::size_t>(2'000'000, 30'000));
    std::ranges::generate(readings, [&load] { return load.next(); });
    measure_stateful(suite, name, sensors, readings);
    measure_group(suite, name, sensors, readings);
}

void body(Suite& suite) {
    measure(suite, "1k", 1'000);
    measure(suite, "100k", suite.options().size(100'000u, 1'000u));
    measure(suite, "1m", suite.options().size(1'000'000u, 1'000u));
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(
        argc, argv, "operators", "cost of keyed state, per reading", roda::bench::body);
}
