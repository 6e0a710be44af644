// SPDX-License-Identifier: Apache-2.0
// Roda against what a user would write instead: recvmmsg, libprotobuf and std::unordered_map. From
// datagrams in memory, and live: Roda over virtual DPDK ports, the kernel program over sockets.
#include <unistd.h>

#include <string>
#include <utility>

#include "bench/appliance_runs.hpp"
#include "bench/kernel_program.hpp"
#include "bench/live_comparison.hpp"
#include "bench/suite.hpp"
#include "pipeline/base/error.hpp"

namespace roda::bench {
namespace {

/// The kernel program over datagrams in memory. They are asked for ahead, for recvmmsg() would have
/// left them in the cache.
template <class Program>
Variant in_memory(std::string name, const Frames& frames, Program& program) {
    return {.name = std::move(name),
            .run =
                [&frames, &program] {
                    constexpr std::size_t ahead = 4;
                    program.restart();
                    for (std::size_t i = 0; i < frames.size(); ++i) {
                        frames.prefetch(i + ahead);
                        program.take(frames.datagram(i));
                    }
                },
            .result =
                [&frames, &program] {
                    const bool all_taken =
                        program.datagrams() == frames.size() && program.missing() == 0;
                    return all_taken ? program.digest() : 0;
                },
            .prepare = {}};
}

FramesShape shape_for(const Options& options, std::uint32_t sensors) {
    return {.frames = options.size<std::size_t>(49'152, 512),
            .sensors = sensors,
            .ids = Ids::scattered};
}

void measure_in_memory(Suite& suite, const std::string& name, std::uint32_t sensors) {
    const appliance::Config config = config_for(sensors);
    Frames frames(shape_for(suite.options(), sensors));
    Appliance roda(frames, config, proto::ChecksumVerdict::good);
    KernelProgram<ReusedMessageParser, OneMap> reused(config);
    KernelProgram<ArenaParser, OneMap> arena(config);
    KernelProgram<ReusedMessageParser, MapForEachOperator> three_maps(config);
    suite.measure(
        Comparison("kernel_rival.in_memory_" + name, frames.readings())
            .same_work(roda.variant("roda"))
            .same_work(in_memory("kernel program", frames, reused))
            .same_work(in_memory("kernel program, arena", frames, arena))
            .same_work(in_memory("kernel program, three maps", frames, three_maps)));
}

/// Returns why it cannot be measured; empty when it was.
std::string measure_live(Suite& suite, const std::string& knee, const std::string& cpu) {
    const Options& options = suite.options();
    if (::geteuid() != 0) {
        return "needs root: makes network namespaces";
    }
    if (!options.cores.distinct()) {
        return "needs two cores";
    }
    try {
        const auto sensors = options.size(100'000u, 2'000u);
        const appliance::Config config = config_for(sensors);
        const Frames frames(shape_for(options, sensors));
        for (Result& result : LiveComparison(options, frames, config).run(knee, cpu)) {
            suite.add(std::move(result));
        }
        return "";
    } catch (const StartupError& error) {
        return error.what();
    }
}

void body(Suite& suite) {
    measure_in_memory(suite, "1k", 1'000);
    measure_in_memory(suite, "100k", suite.options().size(100'000u, 2'000u));
    measure_in_memory(suite, "1m", suite.options().size(1'000'000u, 2'000u));
    const std::string knee = "kernel_rival.no_drop_rate";
    const std::string cpu = "kernel_rival.processor_time";
    const bool knee_left_out = suite.leaves_out(knee);
    const bool cpu_left_out = suite.leaves_out(cpu);
    if (knee_left_out && cpu_left_out) {
        return;
    }
    const std::string obstacle = measure_live(suite, knee, cpu);
    if (!obstacle.empty()) {
        suite.skip(knee, obstacle);
        suite.skip(cpu, obstacle);
    }
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(argc,
                                  argv,
                                  "kernel_rival",
                                  "Roda against recvmmsg, libprotobuf, std::unordered_map",
                                  roda::bench::body);
}
