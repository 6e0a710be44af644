// SPDX-License-Identifier: Apache-2.0
// The seed system's own workloads, drained, in prefaulted rings: two stages on two threads with a
// journal of summaries between them, and the same operators fused on one core. Every run counts
// its alerts and must come to the number that the workload has by arithmetic.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/machine.hpp"
#include "bench/seeds_stages.hpp"
#include "bench/suite.hpp"

namespace roda::bench {
namespace {

/// The seed's shape: each stage on a core of its own.
template <class Work>
struct TwoThreads {
    explicit TwoThreads(std::uint64_t n) : first(n), second(first.summaries()) {}

    void run(const Options& options, std::uint64_t n) {
        std::thread other([this, &options, n] {
            pin_this_thread(options.cores.second);
            // Every event comes to a summary: no stage drops any.
            for (std::uint64_t left = Work::events(n); left != 0; left -= second.step()) {
            }
        });
        while (!first.is_over()) {
            first.step();
        }
        other.join();
    }

    const Alerts& alerts() const noexcept { return second.alerts(); }

    FirstStage<Work> first;
    SecondStage<Work> second;
};

/// The same operators in one pipe on one core: no journal between them.
template <class Work>
struct Fused {
    explicit Fused(std::uint64_t n)
        : input(Work::events(n)),
          stage(input.journal(),
                pipe(Work::stage_one(n), Work::stage_two()).template bind<Reading>(),
                alert_records),
          found(stage.output()) {}

    void run(const Options&, std::uint64_t) {
        while (!input.is_over()) {
            input.append_burst();
            while (stage.step() != 0) {
                found.read_all();
            }
        }
    }

    const Alerts& alerts() const noexcept { return found; }

    using PipeType = decltype(pipe(Work::stage_one(1), Work::stage_two()).template bind<Reading>());

    Input<Work> input;
    Stage<Reading, PipeType> stage;
    Alerts found;
};

/// A way to do the work, new before each run: state is part of the result.
template <class Work, template <class> class Way>
Variant whole_way(const Options& options, std::string name, std::uint64_t n) {
    auto way = std::make_shared<std::unique_ptr<Way<Work>>>();
    return {.name = std::move(name),
            .run = [way, &options, n] { (*way)->run(options, n); },
            .result = [way, n] { return (*way)->alerts().checked(Work::oracle(n)); },
            .prepare = [way, n] { *way = std::make_unique<Way<Work>>(n); }};
}

/// The first stage by itself: whoever makes room behind it does not look.
template <class Work>
Variant first_alone(std::uint64_t n) {
    auto stage = std::make_shared<std::unique_ptr<FirstStage<Work>>>();
    return {.name = "stage 1 with append",
            .run =
                [stage] {
                    FirstStage<Work>& first = **stage;
                    auto reader = first.summaries().reader();
                    while (!first.is_over()) {
                        first.step();
                        reader.advance(first.summaries().written() - reader.get_index());
                    }
                },
            .result = [] { return std::uint64_t{0}; },
            .prepare = [stage, n] { *stage = std::make_unique<FirstStage<Work>>(n); }};
}

/// The second stage by itself, over a ring of summaries that are shown to it again and again.
template <class Work>
Variant second_alone(std::uint64_t n) {
    auto first = std::make_shared<FirstStage<Work>>(summary_records);
    {
        auto reader = first->summaries().reader();
        while (!first->is_over()) {
            first->step();
            reader.advance(first->summaries().written() - reader.get_index());
        }
    }
    auto second = std::make_shared<SecondStage<Work>>(first->summaries());
    return {.name = "stage 2 with alerts",
            .run =
                [first, second, n] {
                    for (std::uint64_t left = n; left >= burst_records; left -= burst_records) {
                        first->summaries().claim(burst_records);
                        first->summaries().publish(burst_records);
                        while (second->step() != 0) {
                        }
                    }
                },
            .result = [] { return std::uint64_t{0}; }};
}

/// A thread on the other core that takes `records` summaries and does next to nothing with them.
std::thread taker(StageJournal<SeedSummary>::Reader& reader,
                  const Options& options,
                  std::uint64_t records) {
    return std::thread([&reader, &options, records] {
        pin_this_thread(options.cores.second);
        std::uint64_t sum = 0;
        for (std::uint64_t left = records; left != 0;) {
            const auto burst = reader.peek(burst_records);
            for (const SeedSummary& summary : burst) {
                sum += summary.count;
            }
            reader.advance(burst.size());
            left -= burst.size();
        }
        asm volatile("" : : "r"(sum));
    });
}

/// Summaries to the other core, without any operator.
Variant hand_off_alone(const Options& options, std::uint64_t n) {
    auto summaries = std::make_shared<StageJournal<SeedSummary>>(
        JournalOptions{.capacity_records = summary_records, .max_claim_records = burst_records});
    return {.name = "hand-off",
            .run =
                [summaries, &options, n] {
                    auto reader = summaries->reader_at_head();
                    std::thread other = taker(reader, options, n / burst_records * burst_records);
                    const std::vector<SeedSummary> burst(burst_records);
                    for (std::uint64_t left = n; left >= burst_records; left -= burst_records) {
                        std::span<SeedSummary> room = summaries->claim(burst_records);
                        while (room.empty()) {
                            __builtin_ia32_pause();
                            room = summaries->claim(burst_records);
                        }
                        std::ranges::copy(burst, room.begin());
                        summaries->publish(burst_records);
                    }
                    other.join();
                },
            .result = [] { return std::uint64_t{0}; }};
}

/// The first stage, its summaries taken by the other core: lines that it writes are elsewhere.
template <class Work>
Variant first_handed_off(const Options& options, std::uint64_t n) {
    auto stage = std::make_shared<std::unique_ptr<FirstStage<Work>>>();
    return {.name = "stage 1 with hand-off",
            .run =
                [stage, &options, n] {
                    FirstStage<Work>& first = **stage;
                    auto reader = first.summaries().reader();
                    std::thread other = taker(reader, options, Work::events(n));
                    while (!first.is_over()) {
                        first.step();
                    }
                    other.join();
                },
            .result = [] { return std::uint64_t{0}; },
            .prepare = [stage, n] { *stage = std::make_unique<FirstStage<Work>>(n); }};
}

/// Which loop holds the two threads back, from each loop by itself.
std::string limit_of(const Result& measured) {
    const Result result =
        measured.distance() == "mixed" ? measured.rounds(/*near=*/true) : measured;
    std::string text;
    const Result::Row* slowest = nullptr;
    double slowest_ns = 0;
    for (const Result::Row& row : result.rows) {
        const double ns = Spread::of(row.ns_per_record).median;
        if (ns > slowest_ns) {
            slowest = &row;
            slowest_ns = ns;
        }
        char part[96];
        std::snprintf(
            part, sizeof(part), "%s%s %.1f ns", text.empty() ? "" : ", ", row.name.c_str(), ns);
        text += part;
    }
    char limit[160];
    std::snprintf(limit,
                  sizeof(limit),
                  "the limit of two threads: %s, %.0f M events/s",
                  slowest == nullptr ? "none" : slowest->name.c_str(),
                  slowest_ns == 0 ? 0 : 1e3 / slowest_ns);
    return std::string(limit) + " (" + text + ")";
}

template <class Work>
void measure_parts(Suite& suite, const std::string& name) {
    const Options& options = suite.options();
    const auto n = options.size<std::uint64_t>(2'097'152, 65'536);
    Comparison comparison(name, n);
    comparison.yardstick(first_alone<Work>(n)).yardstick(second_alone<Work>(n));
    if (options.cores.distinct()) {
        comparison.yardstick(hand_off_alone(options, n))
            .yardstick(first_handed_off<Work>(options, n))
            .between_cores();
    }
    suite.measure(comparison.remark(limit_of));
}

template <class Work>
void measure(Suite& suite) {
    const Options& options = suite.options();
    const auto n = options.size<std::uint64_t>(20'000'000, 200'000);
    char best[96];
    std::snprintf(best,
                  sizeof(best),
                  "the seed's best on this class of machine, near cores: %.0f M events/s",
                  Work::seed_best);
    const std::string name = "seeds." + std::string(Work::name);
    suite.measure(Comparison(name + "_fused", Work::events(n))
                      .same_work(whole_way<Work, Fused>(options, "one core", n))
                      .remark(best)
                      .at_most_rounds(3));
    if (options.cores.distinct()) {
        suite.measure(Comparison(name, Work::events(n))
                          .between_cores()
                          .same_work(whole_way<Work, TwoThreads>(options, "two threads", n))
                          .remark(best)
                          .at_most_rounds(3));
    } else {
        suite.skip(name, "needs two cores");
    }
    measure_parts<Work>(suite, name + "_parts");
}

void body(Suite& suite) {
    measure<SensorTest>(suite);
    measure<ServiceHealth>(suite);
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(
        argc, argv, "seeds", "the seed system's workloads, per event", roda::bench::body);
}
