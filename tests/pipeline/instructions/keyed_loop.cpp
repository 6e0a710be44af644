// SPDX-License-Identifier: Apache-2.0
// The keyed work of the benchmarks in a form that callgrind counts: every sensor is known before
// measured_bursts() begins, so that what is counted is the loop and not the insertions.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string_view>
#include <vector>

#include "bench/keyed_work.hpp"

namespace roda::bench {
namespace {

constexpr std::size_t burst_readings = 32 * 57;  // what 32 full datagrams hold

template <class PipeType>
[[gnu::noinline]] void measured_bursts(PipeType& pipe,
                                       std::span<const proto::Reading> readings,
                                       JumpSink& sink) {
    for (std::size_t at = 0; at < readings.size(); at += burst_readings) {
        pipe.run(readings.subspan(at, std::min(burst_readings, readings.size() - at)), at, sink);
    }
}

template <class Bound>
auto group_of(const Bound& bound) {
    return keyed_by(bound,
                    &proto::Reading::sensor_id,
                    stateful(init, fold),
                    delta(project, logic),
                    dedup_by(&Jump::grade));
}

template <class PipeType>
int feed(PipeType pipe, std::uint32_t sensors, std::size_t readings) {
    std::vector<proto::Reading> known;
    for (std::uint64_t sensor = 0; sensor < sensors; ++sensor) {
        known.push_back({sensor, 100.0, 0});
    }
    std::vector<proto::Reading> measured;
    std::uint64_t random = 42;
    for (std::size_t i = 0; i < readings; ++i) {
        random = random * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        const double value = i % 1'000 == 999 ? 1'000.0 : 95.0 + static_cast<double>(i % 10);
        measured.push_back({(random >> 32) * sensors >> 32, value, 0});
    }
    JumpSink sink;
    pipe.run(known, 0, sink);
    measured_bursts(pipe, measured, sink);
    std::cout << "keys " << pipe.counts().keys << " digest " << sink.value() << '\n';
    return 0;
}

int run(std::string_view shape, std::uint32_t sensors, std::size_t readings) {
    const auto same = [](const proto::Reading& reading) { return reading; };
    const auto hashed = group_of(KeyBound{.max_keys = sensors});
    const auto dense = group_of(DenseKeys{.keys = sensors});
    if (shape == "hashed") {
        auto bound = pipe(filter(usable), hashed, map(record)).bind<proto::Reading>();
        return feed(std::move(bound), sensors, readings);
    }
    if (shape == "dense") {
        auto bound = pipe(filter(usable), dense, map(record)).bind<proto::Reading>();
        return feed(std::move(bound), sensors, readings);
    }
    if (shape == "copies") {
        auto bound = pipe(map(same), filter(usable), hashed, map(record)).bind<proto::Reading>();
        return feed(std::move(bound), sensors, readings);
    }
    return 2;
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: keyed_loop hashed|dense|copies SENSORS READINGS\n";
        return 2;
    }
    return roda::bench::run(argv[1],
                            static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)),
                            std::strtoul(argv[3], nullptr, 10));
}
