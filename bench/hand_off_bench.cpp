// SPDX-License-Identifier: Apache-2.0
// What it costs to hand records to another core: the rate in bursts, the latency of one message,
// the hop through an engine's stage. Cores move between near and far: every table says which.
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "bench/core_distance.hpp"
#include "bench/journal_work.hpp"
#include "bench/machine.hpp"
#include "bench/suite.hpp"
#include "pipeline/base/cache_line.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/roda.hpp"

namespace roda::bench {
namespace {

/// This thread writes, one on the other core reads; over when the reader has the last record.
Variant hand_over(std::string name,
                  std::uint32_t batch,
                  std::size_t chunks,
                  CorePair cores,
                  WaitJournal& journal,
                  Sum& sum) {
    return {.name = std::move(name),
            .run =
                [batch, chunks, cores, &journal, &sum] {
                    sum = {};
                    WaitJournal::Reader reader = journal.reader_at_head();
                    std::thread other([&reader, &sum, cores, chunks] {
                        pin_this_thread(cores.second);
                        Sum own;
                        while (own.records < chunks * chunk_records) {
                            const auto burst = reader.peek(chunk_records);
                            for (const Reading& each : burst) {
                                own.add(each);
                            }
                            reader.advance(burst.size());
                        }
                        sum = own;
                    });
                    for (std::size_t i = 0; i < chunks; ++i) {
                        write_chunk(journal, batch);
                    }
                    other.join();
                },
            .result = [&sum] { return sum.value(); }};
}

void measure_rate(Suite& suite) {
    const std::size_t chunks = suite.options().size<std::size_t>(1024, 2);
    const CorePair cores = suite.options().cores;
    WaitJournal journal({.capacity_records = ring_records, .max_claim_records = 128});
    std::array<Sum, 2> sums;
    suite.measure(
        Comparison("hand_off.rate", chunks * chunk_records)
            .between_cores()
            .same_work(hand_over("append each", 0, chunks, cores, journal, sums[0]))
            .same_work(hand_over("claim 128, publish", 128, chunks, cores, journal, sums[1])));
}

/// A line's worth: what a stage hands to the next.
struct Message {
    std::array<std::uint64_t, 8> words;
};

using MessageJournal = Journal<Message, FullPolicy::wait>;

std::uint64_t await_message(MessageJournal::Reader& reader) noexcept {
    auto message = reader.peek(1);
    while (message.empty()) {
        __builtin_ia32_pause();
        message = reader.peek(1);
    }
    const std::uint64_t word = message[0].words[7];
    reader.advance(1);
    return word;
}

/// What one thread of a ping-pong holds: its own lines, or the other thread's cursor would travel
/// with every message.
struct alignas(contention_block_bytes) Side {
    explicit Side(std::uint64_t records) : out({.capacity_records = records}) {}

    MessageJournal out;
    std::optional<MessageJournal::Reader> in;
};

/// A message to the other core and its answer back, `hops` / 2 times.
std::uint64_t ping_pong(CorePair cores, std::uint64_t hops, std::uint64_t ring) {
    Side here(ring);
    Side there(ring);
    here.in = there.out.reader();
    there.in = here.out.reader();
    std::thread other([&there, cores, hops] {
        pin_this_thread(cores.second);
        for (std::uint64_t i = 0; i < hops / 2; ++i) {
            there.out.append({{0, 0, 0, 0, 0, 0, 0, await_message(*there.in) + 1}});
        }
    });
    std::uint64_t word = 0;
    for (std::uint64_t i = 0; i < hops / 2; ++i) {
        here.out.append({{0, 0, 0, 0, 0, 0, 0, word}});
        word = await_message(*here.in);
    }
    other.join();
    here.in.reset();  // before the journal that it reads
    return word;
}

Variant one_way(std::string name, CorePair cores, std::uint64_t hops, std::uint64_t ring) {
    auto last_word = std::make_shared<std::uint64_t>(0);
    return {.name = std::move(name),
            .run = [last_word, cores, hops, ring] { *last_word = ping_pong(cores, hops, ring); },
            .result = [last_word] { return *last_word; }};
}

void measure_latency(Suite& suite) {
    const std::uint64_t hops = suite.options().size<std::uint64_t>(200'000, 64);
    const CorePair cores = suite.options().cores;
    suite.measure(
        Comparison("hand_off.latency", hops)
            .between_cores()
            .yardstick(
                {.name = "bare line round trip",
                 .run = [cores,
                         hops] { line_round_trip_ns(cores, static_cast<std::uint32_t>(hops)); },
                 .result = [] { return std::uint64_t{0}; }})
            .same_work(one_way("journal one way, ring 4 KB", cores, hops, 64))
            .same_work(one_way("journal one way, ring 64 KB", cores, hops, 1024))
            .remark("a ring that stays in both cores' first-level cache is the quickest for single "
                    "messages; bursts want one of 4 - 16 MB"));
}

/// Readings sent one at a time and awaited, each timed.
template <class Engine>
class Hop {
  public:
    Hop(std::uint64_t hops, std::function<std::unique_ptr<Engine>()> make)
        : make_(std::move(make)), samples_ns_(hops) {}

    void prepare() { engine_ = make_(); }

    void run() {
        sum_ = 0;
        for (std::uint32_t& sample_ns : samples_ns_) {
            const std::uint64_t began_ns = monotonic_now_ns();
            engine_->send({sum_, 1.0, began_ns});
            std::optional<Reading> received = engine_->try_receive();
            while (!received) {
                received = engine_->try_receive();
            }
            sample_ns = static_cast<std::uint32_t>(monotonic_now_ns() - began_ns);
            sum_ = received->sensor_id + 1;  // each answer makes the next question
        }
    }

    Engine& engine() noexcept { return *engine_; }

    std::uint64_t sum() const noexcept { return sum_; }

    std::span<std::uint32_t> samples_ns() noexcept { return samples_ns_; }

  private:
    std::function<std::unique_ptr<Engine>()> make_;
    std::unique_ptr<Engine> engine_;
    std::vector<std::uint32_t> samples_ns_;
    std::uint64_t sum_ = 0;
};

auto one_stage(std::uint32_t core) {
    return engine<Reading>({.journal_records = 128})
        .stage({.name = "pass", .core = core}, pipe(map([](const Reading& r) { return r; })))
        .build();
}

void measure_hop(Suite& suite) {
    const auto hops = suite.options().size<std::uint64_t>(100'000, 64);
    const std::uint32_t core = suite.options().cores.second;
    using Engine = typename decltype(one_stage(0))::element_type;
    auto hop = std::make_shared<Hop<Engine>>(hops, [core] { return one_stage(core); });
    suite.measure(Comparison("hand_off.hop", hops)
                      .between_cores()
                      .same_work({.name = "send, stage, receive",
                                  .run =
                                      [hop] {
                                          hop->engine().run();
                                          hop->run();
                                          hop->engine().stop();
                                      },
                                  .result = [hop] { return hop->sum(); },
                                  .prepare = [hop] { hop->prepare(); },
                                  .samples_ns = [hop] { return hop->samples_ns(); }})
                      .remark("the seed's, near: p50 230 ns, p90 260, p99 281 - 350"));
}

void body(Suite& suite) {
    if (!suite.options().cores.distinct()) {
        for (const char* comparison : {"hand_off.rate", "hand_off.latency", "hand_off.hop"}) {
            suite.skip(comparison, "needs two cores");
        }
        return;
    }
    measure_rate(suite);
    measure_latency(suite);
    measure_hop(suite);
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(
        argc, argv, "hand_off", "cost of handing records to another core", roda::bench::body);
}
