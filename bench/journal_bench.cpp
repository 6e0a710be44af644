// SPDX-License-Identifier: Apache-2.0
// What a journal costs on one core: to write against memcpy, to read against a loop over an array.
// What it costs between two is in hand_off_bench.cpp.
#include <algorithm>
#include <array>
#include <cstring>

#include "bench/digest.hpp"
#include "bench/journal_work.hpp"
#include "bench/suite.hpp"

namespace roda::bench {
namespace {

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

using Bytes128 = std::array<std::uint64_t, 16>;

/// append() of one record after another, against stores into an array of the same size.
template <Pod Record>
void measure_append_of(Suite& suite, const std::string& name, const char* seed_ns) {
    const auto records = suite.options().size<std::uint64_t>(std::uint64_t{1} << 23, 1 << 12);
    constexpr std::uint64_t slots = (std::uint64_t{4} << 20) / sizeof(Record);  // rings of 4 MB
    using Ring = Journal<Record, FullPolicy::wait>;
    // Made before: a record just written in pieces is slow to copy, which is not the journal's
    // doing.
    std::array<Record, 32> made{};
    for (std::uint64_t i = 0; i < made.size(); ++i) {
        std::memcpy(&made[i], &i, sizeof(i));
    }
    const Array<Record> array(slots);
    Ring journal({.capacity_records = slots});
    typename Ring::Reader reader = journal.reader();
    suite.measure(Comparison(name, records)
                      .yardstick({.name = "stores into an array",
                                  .run =
                                      [&] {
                                          for (std::uint64_t i = 0; i < records; ++i) {
                                              array[i % slots] = made[i % made.size()];
                                              asm volatile("" : : : "memory");
                                          }
                                      },
                                  .result = [] { return std::uint64_t{0}; }})
                      .same_work({.name = "append each",
                                  .run =
                                      [&] {
                                          for (std::uint64_t i = 0; i < records; ++i) {
                                              if (i % chunk_records == 0) {
                                                  reader.advance(journal.written() -
                                                                 reader.get_index());
                                              }
                                              journal.append(made[i % made.size()]);
                                          }
                                      },
                                  .result =
                                      [&] {
                                          std::uint64_t sum = 0;
                                          for (const Record& record : reader.peek(chunk_records)) {
                                              std::uint64_t word = 0;
                                              std::memcpy(&word, &record, sizeof(word));
                                              sum += word;
                                          }
                                          return sum;
                                      }})
                      .remark(std::string("the seed's append, prefaulted: ") + seed_ns + " ns"));
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

void body(Suite& suite) {
    measure_append(suite);
    measure_append_of<std::uint64_t>(suite, "journal.append_8", "1.7");
    measure_append_of<Bytes128>(suite, "journal.append_128", "4.7");
    measure_drain(suite);
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(
        argc, argv, "journal", "cost of writing and reading on one core", roda::bench::body);
}
