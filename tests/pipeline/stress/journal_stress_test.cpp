// SPDX-License-Identifier: Apache-2.0
// Journals of every policy, and the broadcast journal, at ten million records.
#include <gtest/gtest.h>
#include <algorithm>
#include <iostream>
#include <vector>

#include "pipeline/store/broadcast_journal.hpp"
#include "pipeline/store/journal.hpp"
#include "tests/pipeline/stress/crew.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda::stress {
namespace {

constexpr std::uint32_t most_burst = 61;  // no divisor of a ring: every claim's place comes up

/// Bursts of 1 to most_burst records, the same in every run.
std::uint32_t burst_at(std::uint64_t written) {
    const auto size = static_cast<std::uint32_t>(written * 0x9e37'79b9'7f4a'7c15u >> 40);
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(size % most_burst + 1, record_count - written));
}

template <class JournalType>
std::vector<typename JournalType::Reader> readers_of(JournalType& journal) {
    std::vector<typename JournalType::Reader> readers;
    for (std::size_t i = 0; i < reader_count; ++i) {
        readers.push_back(journal.reader());
    }
    return readers;
}

template <class Reader>
void follow_in_place(Reader& reader, const End& end, Receipt& receipt) {
    while (reader.get_index() != end.get()) {
        const auto burst = reader.peek(100);
        if (burst.empty()) {
            std::this_thread::yield();
            continue;
        }
        receipt.add(burst);
        reader.advance(burst.size());
    }
}

template <class JournalType>
void write_claim(JournalType& journal, std::uint32_t records) {
    const std::span<Record> slots = journal.claim(records);
    if (slots.empty()) {
        std::this_thread::yield();
        return;
    }
    for (std::size_t i = 0; i < slots.size(); ++i) {
        slots[i] = Record::of(journal.written() + i);
    }
    journal.publish(records);
}

/// Claims and single appends in turn; `offered` counts what a dropping journal was asked to take.
template <FullPolicy policy>
void expect_every_record(std::uint64_t capacity_records) {
    Journal<Record, policy> journal(
        {.capacity_records = capacity_records, .max_claim_records = most_burst});
    auto readers = readers_of(journal);
    std::array<Receipt, reader_count> receipts;
    End end;
    std::uint64_t offered = 0;
    run_crew([&](std::size_t i) { follow_in_place(readers[i], end, receipts[i]); },
             [&] {
                 while (journal.written() < record_count) {
                     const std::uint32_t records = burst_at(journal.written());
                     offered += records;
                     if (records > 1) {
                         write_claim(journal, records);
                     } else if (!journal.append(Record::of(journal.written()))) {
                         std::this_thread::yield();
                     }
                 }
                 end.set(journal.written());
             });
    EXPECT_EQ(journal.written(), record_count);
    for (const Receipt& receipt : receipts) {
        receipt.expect_complete(record_count);
        EXPECT_EQ(receipt.missed(), 0u);
    }
    if constexpr (policy == FullPolicy::drop_newest) {
        EXPECT_EQ(journal.written() + journal.dropped(), offered);
    }
}

TEST(JournalStress, AStoppingJournalReachesEveryReader) {
    expect_every_record<FullPolicy::stop>(record_count);
}

TEST(JournalStress, AWaitingJournalReachesEveryReader) {
    expect_every_record<FullPolicy::wait>(1024);
}

TEST(JournalStress, ADroppingJournalDeliversWhatItAcceptedAndCountsTheRest) {
    expect_every_record<FullPolicy::drop_newest>(256);
}

/// A writer that never waits; now and then it lets the readers catch up, else it would be alone.
template <class JournalType, class Reader>
void expect_exact_losses(JournalType& journal, std::vector<Reader>& readers) {
    std::array<Receipt, reader_count> receipts;
    End end;
    const auto read = [&](std::size_t i) {
        std::vector<Record> out(100);
        while (readers[i].get_index() != end.get()) {
            const auto polled = readers[i].poll(out);
            receipts[i].miss(polled.missed);
            receipts[i].add(std::span<const Record>(out.data(), polled.records));
            if (polled.records == 0) {
                std::this_thread::yield();
            }
        }
    };
    run_crew(read, [&] {
        while (journal.written() < record_count) {
            journal.append(Record::of(journal.written()));
            if (journal.written() % 65'536 == 0) {
                std::this_thread::yield();
            }
        }
        end.set(journal.written());
    });
    for (const Receipt& receipt : receipts) {
        receipt.expect_complete(record_count);
        std::cout << receipt.records() << " read, " << receipt.missed() << " missed\n";
    }
}

TEST(JournalStress, ALappingJournalDeliversOrCountsEachRecord) {
    Journal<Record, FullPolicy::lap> journal({.capacity_records = 4'096});
    auto readers = readers_of(journal);
    expect_exact_losses(journal, readers);
}

TEST(JournalStress, ABroadcastJournalDeliversOrCountsEachRecord) {
    const TemporaryDirectory directory;
    BroadcastJournal<Record> journal(directory.file("alerts"), {.capacity_records = 4'096});
    std::vector<BroadcastReader<Record>> readers;
    for (std::size_t i = 0; i < reader_count; ++i) {
        readers.emplace_back(directory.file("alerts"), 0, BroadcastReader<Record>::From::start);
    }
    expect_exact_losses(journal, readers);
}

}  // namespace
}  // namespace roda::stress
