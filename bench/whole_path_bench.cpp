// SPDX-License-Identifier: Apache-2.0
// The whole way of a reading on one core, from Ethernet frames in cold memory to alerts read out
// of the lane: the appliance's own Shard, against a copy of the same bytes and against a plain
// program with the standard library's maps. Drained: a run ends when the last alert was read.
#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "bench/appliance_runs.hpp"
#include "bench/machine.hpp"
#include "bench/suite.hpp"

namespace roda::bench {
namespace {

void measure(Suite& suite, const std::string& name, std::uint32_t sensors) {
    const appliance::Config config = config_for(sensors);
    // 49,152 datagrams: 69 MB, beyond every cache.
    Frames frames({.frames = suite.options().size<std::size_t>(49'152, 512),
                   .sensors = sensors,
                   .ids = Ids::scattered});
    Appliance checked(frames, config, proto::ChecksumVerdict::good);
    Appliance unchecked(frames, config, proto::ChecksumVerdict::unknown);
    PlainProgram plain(frames, config);
    suite.measure(Comparison("whole_path." + name, frames.readings())
                      .yardstick(copy_datagrams<3>("memcpy", frames))
                      .yardstick(copy_datagrams<2>("memcpy, second level", frames))
                      .same_work(checked.variant("roda"))
                      .same_work(unchecked.variant("roda, software checksum"))
                      .same_work(plain.variant()));
}

/// What it costs to keep every reading: journals of a size that stays in the cache, the default's,
/// and one beyond 512 MB (a ring's records are a power of two), where each line goes to memory.
void measure_journal(Suite& suite) {
    const auto sensors = suite.options().size(100'000u, 2'000u);
    Frames frames({.frames = suite.options().size<std::size_t>(49'152, 512),
                   .sensors = sensors,
                   .ids = Ids::scattered});
    const auto with_journal = [&](std::uint32_t records) {
        appliance::Config config = config_for(sensors);
        config.pipeline.journal_records = records;
        return std::make_unique<Appliance>(frames, config, proto::ChecksumVerdict::good);
    };
    const auto in_cache = with_journal(1u << 14);
    const auto usual = with_journal(appliance::PipelineConfig{}.journal_records);
    const auto large = with_journal(suite.options().size(1u << 25, 1u << 17));
    suite.measure(Comparison("whole_path.journal", frames.readings())
                      .same_work(in_cache->variant("journal in the cache"))
                      .same_work(usual->variant("journal of 25 MB"))
                      .same_work(large->variant("journal beyond 512 MB")));
}

/// Two shards that share nothing, each with a wire of its own.
class TwoShards {
  public:
    TwoShards(std::array<Frames, 2>& frames, const appliance::Config& config)
        : here_(frames[0], config, proto::ChecksumVerdict::good),
          there_(frames[1], config, proto::ChecksumVerdict::good) {}

    Variant one_after_the_other() {
        return variant("one core", [this] {
            here_.run();
            there_.run();
        });
    }

    Variant side_by_side(std::uint32_t second_core) {
        return variant("two cores", [this, second_core] {
            std::thread other([this, second_core] {
                pin_this_thread(second_core);
                there_.run();
            });
            here_.run();
            other.join();
        });
    }

  private:
    Variant variant(std::string name, std::function<void()> run) {
        return {.name = std::move(name),
                .run = std::move(run),
                .result = [this] { return here_.digest() ^ there_.digest() << 1; },
                .prepare =
                    [this] {
                        here_.prepare();
                        there_.prepare();
                    }};
    }

    Appliance here_;
    Appliance there_;
};

void measure_two_cores(Suite& suite) {
    const Options& options = suite.options();
    if (!options.cores.distinct()) {
        suite.skip("whole_path.two_cores", "needs two cores");
        return;
    }
    const auto sensors = options.size(100'000u, 2'000u);
    const FramesShape shape{.frames = options.size<std::size_t>(49'152, 512),
                            .sensors = sensors,
                            .ids = Ids::scattered};
    std::array<Frames, 2> frames = {Frames(shape), Frames(shape)};
    const appliance::Config config = config_for(sensors);
    TwoShards one(frames, config);
    TwoShards two(frames, config);
    suite.measure(Comparison("whole_path.two_cores", 2 * frames[0].readings())
                      .same_work(one.one_after_the_other())
                      .same_work(two.side_by_side(options.cores.second)));
}

void body(Suite& suite) {
    measure_journal(suite);
    measure_two_cores(suite);
    measure(suite, "1k", 1'000);
    measure(suite, "100k", suite.options().size(100'000u, 2'000u));
    measure(suite, "1m", suite.options().size(1'000'000u, 2'000u));
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(argc,
                                  argv,
                                  "whole_path",
                                  "from Ethernet frames to alerts on one core, per reading",
                                  roda::bench::body);
}
