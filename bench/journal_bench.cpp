// SPDX-License-Identifier: Apache-2.0
// What a journal costs: to write against memcpy, to read against a loop over an array, and to hand
// records to another core, in rate and in latency.
#include <algorithm>
#include <array>
#include <cstring>
#include <thread>
#include <vector>

#include "bench/core_distance.hpp"
#include "bench/digest.hpp"
#include "bench/sensor_load.hpp"
#include "bench/suite.hpp"
#include "pipeline/store/journal.hpp"
#include "proto/records.hpp"

namespace roda::bench {
namespace {

using proto::Reading;
using WaitJournal = Journal<Reading, FullPolicy::wait>;
using StopJournal = Journal<Reading, FullPolicy::stop>;

constexpr std::uint32_t ring_records = 262'144;  // 6 MB: the size for hand-over between cores
constexpr std::uint32_t chunk_records = 4096;

const std::vector<Reading>& chunk() {
    static const std::vector<Reading> readings = [] {
        SensorLoad load(1000, Ids::dense);
        std::vector<Reading> made(chunk_records);
        std::ranges::generate(made, [&load] { return load.next(); });
        return made;
    }();
    return readings;
}

/// Cheap, and looks at every byte.
struct Sum {
    std::uint64_t records = 0;
    std::uint64_t words = 0;

    void add(const Reading& reading) noexcept {
        ++records;
        words +=
            reading.sensor_id + std::bit_cast<std::uint64_t>(reading.value) + reading.timestamp_ns;
    }

    std::uint64_t value() const noexcept { return words ^ records; }
};

/// The chunk into the journal, `batch` records a publication; 0: append() for each.
void write_chunk(WaitJournal& journal, std::uint32_t batch) {
    if (batch == 0) {
        for (const Reading& reading : chunk()) {
            journal.append(reading);
        }
        return;
    }
    for (std::uint32_t at = 0; at < chunk_records; at += batch) {
        std::span<Reading> room = journal.claim(batch);
        while (room.empty()) {
            __builtin_ia32_pause();
            room = journal.claim(batch);
        }
        std::copy_n(chunk().begin() + at, batch, room.begin());
        journal.publish(batch);
    }
}

/// A journal with a reader that makes room without looking, so that only writing is timed.
class WriteAlone {
  public:
    Variant variant(std::string name, std::uint32_t batch, std::size_t chunks) {
        return {.name = std::move(name),
                .run =
                    [this, batch, chunks] {
                        for (std::size_t i = 0; i < chunks; ++i) {
                            reader_.advance(journal_.written() - reader_.get_index());
                            write_chunk(journal_, batch);
                        }
                    },
                .result =
                    [this] {
                        Sum sum;
                        for (const Reading& reading : reader_.peek(chunk_records)) {
                            sum.add(reading);
                        }
                        return sum.value();
                    }};
    }

  private:
    WaitJournal journal_{{.capacity_records = ring_records, .max_claim_records = 128}};
    WaitJournal::Reader reader_ = journal_.reader();
};

Variant copy_chunks(const Array<Reading>& ring, std::size_t chunks) {
    return {.name = "memcpy",
            .run =
                [&ring, chunks] {
                    for (std::size_t i = 0; i < chunks; ++i) {
                        std::memcpy(static_cast<void*>(&ring[i * chunk_records % ring_records]),
                                    chunk().data(),
                                    chunk_records * sizeof(Reading));
                    }
                },
            .result =
                [&ring] {
                    Digest digest;
                    digest.add(std::as_bytes(std::span(ring.data(), chunk_records)));
                    return digest.value();
                }};
}

void measure_append(Suite& suite) {
    const std::size_t chunks = suite.options().size<std::size_t>(4096, 4);
    const Array<Reading> ring(ring_records);
    std::array<WriteAlone, 3> journals;
    suite.measure(Comparison("journal.append", chunks * chunk_records)
                      .yardstick(copy_chunks(ring, chunks))
                      .same_work(journals[0].variant("append each", 0, chunks))
                      .same_work(journals[1].variant("claim 32, publish", 32, chunks))
                      .same_work(journals[2].variant("claim 128, publish", 128, chunks)));
}

/// Reads `passes` times over with `read_all(sum)`.
template <class ReadAll>
Variant reading(std::string name, std::size_t passes, Sum& sum, ReadAll read_all) {
    return {.name = std::move(name),
            .run =
                [passes, &sum, read_all] {
                    sum = {};
                    for (std::size_t pass = 0; pass < passes; ++pass) {
                        read_all(sum);
                    }
                },
            .result = [&sum] { return sum.value(); }};
}

template <std::size_t window>
void drain(StopJournal& journal, Sum& sum) {
    StopJournal::Reader reader = journal.reader();
    for (auto burst = reader.peek(window); !burst.empty(); burst = reader.peek(window)) {
        for (const Reading& each : burst) {
            sum.add(each);
        }
        reader.advance(burst.size());
    }
}

void measure_drain(Suite& suite) {
    const std::size_t passes = suite.options().size<std::size_t>(32, 1);
    StopJournal journal({.capacity_records = ring_records});
    const Array<Reading> array(ring_records);
    for (std::size_t i = 0; i < ring_records; ++i) {
        array[i] = chunk()[i % chunk_records];
        journal.append(array[i]);
    }
    std::array<Sum, 4> sums;
    suite.measure(
        Comparison("journal.drain", passes * ring_records)
            .same_work(reading("loop over an array",
                               passes,
                               sums[0],
                               [&array](Sum& sum) {
                                   for (const Reading& each : array) {
                                       sum.add(each);
                                   }
                               }))
            .same_work(reading("next() each",
                               passes,
                               sums[1],
                               [&journal](Sum& sum) {
                                   StopJournal::Reader reader = journal.reader();
                                   while (reader.next()) {
                                       sum.add(*reader.get());
                                   }
                               }))
            .same_work(reading("peek 128, advance",
                               passes,
                               sums[2],
                               [&journal](Sum& sum) { drain<128>(journal, sum); }))
            .same_work(reading("peek all, advance", passes, sums[3], [&journal](Sum& sum) {
                drain<ring_records>(journal, sum);
            })));
}

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

void measure_hand_over(Suite& suite) {
    const std::size_t chunks = suite.options().size<std::size_t>(1024, 2);
    const CorePair cores = suite.options().cores;
    WaitJournal journal({.capacity_records = ring_records, .max_claim_records = 128});
    std::array<Sum, 2> sums;
    suite.measure(
        Comparison("journal.hand_over", chunks * chunk_records)
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

/// A message to the other core and its answer back, `hops` / 2 times.
std::uint64_t ping_pong(CorePair cores, std::uint64_t hops) {
    MessageJournal there({.capacity_records = 1024});
    MessageJournal back({.capacity_records = 1024});
    MessageJournal::Reader there_reader = there.reader();
    MessageJournal::Reader back_reader = back.reader();
    std::thread other([&, cores] {
        pin_this_thread(cores.second);
        for (std::uint64_t i = 0; i < hops / 2; ++i) {
            back.append({{0, 0, 0, 0, 0, 0, 0, await_message(there_reader) + 1}});
        }
    });
    std::uint64_t word = 0;
    for (std::uint64_t i = 0; i < hops / 2; ++i) {
        there.append({{0, 0, 0, 0, 0, 0, 0, word}});
        word = await_message(back_reader);
    }
    other.join();
    return word;
}

void measure_latency(Suite& suite) {
    const std::uint64_t hops = suite.options().size<std::uint64_t>(400'000, 64);
    const CorePair cores = suite.options().cores;
    std::uint64_t last_word = 0;
    suite.measure(
        Comparison("journal.latency", hops)
            .between_cores()
            .yardstick(
                {.name = "bare line round trip",
                 .run = [cores,
                         hops] { line_round_trip_ns(cores, static_cast<std::uint32_t>(hops)); },
                 .result = [] { return std::uint64_t{0}; }})
            .same_work({.name = "journal one way",
                        .run = [&last_word, cores, hops] { last_word = ping_pong(cores, hops); },
                        .result = [&last_word] { return last_word; }}));
}

void body(Suite& suite) {
    measure_append(suite);
    measure_drain(suite);
    if (!suite.options().cores.distinct()) {
        suite.skip("journal.hand_over", "needs two cores");
        suite.skip("journal.latency", "needs two cores");
        return;
    }
    measure_hand_over(suite);
    measure_latency(suite);
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(
        argc, argv, "journal", "cost of writing, reading, handing over", roda::bench::body);
}
