// SPDX-License-Identifier: Apache-2.0
// Each layout, each fault: a real file with that one fault, opened by a reader and by a writer.
#include "pipeline/store/shared_layout.hpp"

#include <gtest/gtest.h>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "pipeline/store/broadcast_journal.hpp"
#include "pipeline/store/slot_store.hpp"
#include "tests/pipeline/checked_record.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using Record = CheckedRecord<3>;

constexpr std::uint64_t schema = 0x77;
constexpr std::uint64_t records = 16;
constexpr std::uint64_t maximum = std::numeric_limits<std::uint64_t>::max();
// Where the prefix has its fields.
constexpr std::streamoff version_at = 8;
constexpr std::streamoff record_bytes_at = 12;
constexpr std::streamoff records_at = 16;
constexpr std::streamoff schema_at = 24;

struct Layout {
    std::string name;
    std::function<void(const std::string& path)> write;   // opens as a writer, leaves it whole
    std::function<void(const std::string& path)> attach;  // opens as a reader, reads everything
};

const Layout journal_layout{
    "a journal",
    [](const std::string& path) {
        BroadcastJournal<Record> journal(path, {.capacity_records = records, .schema = schema});
        for (std::uint64_t sequence = 0; sequence < records + 3; ++sequence) {
            journal.append(Record::of(sequence));
        }
    },
    [](const std::string& path) {
        using Reader = BroadcastReader<Record>;
        Reader reader(path, schema, Reader::From::start);
        std::vector<Record> out(64);
        reader.poll(out);
    }};

const Layout slot_layout{"a slot store",
                         [](const std::string& path) {
                             SlotStore<Record> store(path, {.slots = records, .schema = schema});
                             store.set(3, Record::of(3));
                         },
                         [](const std::string& path) {
                             const SlotReader<Record> reader(path, schema);
                             for (std::uint64_t at = 0; at < reader.slots(); ++at) {
                                 (void)reader.read(at, 2);
                             }
                         }};

void overwrite(const std::string& path, std::streamoff at, const std::string& bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

template <class Number>
std::string bytes_of_number(Number number) {
    return {reinterpret_cast<const char*>(&number), sizeof(number)};
}

struct Fault {
    std::string name;
    std::function<void(const std::string& path)> cause;
    std::string message;
};

Fault patched(const std::string& name,
              std::streamoff at,
              const std::string& bytes,
              const std::string& message) {
    return {name, [=](const std::string& path) { overwrite(path, at, bytes); }, message};
}

Fault patched(const std::string& name,
              std::streamoff at,
              std::uint64_t number,
              const std::string& message) {
    return patched(name, at, bytes_of_number(number), message);
}

Fault cut(std::uintmax_t bytes, const std::string& message) {
    return {"cut to " + std::to_string(bytes),
            [=](const std::string& path) { std::filesystem::resize_file(path, bytes); },
            message};
}

std::vector<Fault> common_faults(const std::string& name) {
    const std::string header = " bytes, the header of " + name + " has 4096";
    return {
        cut(1, "truncated: the file has 1" + header),
        cut(31, "truncated: the file has 31" + header),
        cut(32, "truncated: the file has 32" + header),
        cut(4095, "truncated: the file has 4095" + header),
        patched("unfinished", 0, 0, "not " + name + " yet: its writer has not finished the header"),
        patched("not ours",
                0,
                "\x7f"
                "ELF\2\1\1\0",
                "no file of Roda (magic number)"),
        patched("text of ours", 0, "RODA rod", "no file of Roda (magic number)"),
        patched("later layout",
                0,
                "RODAZEBR",
                "a layout that this program does not know (RODAZEBR), not " + name),
        patched("other version",
                version_at,
                bytes_of_number(std::uint32_t{9}),
                name + " of layout version 9, this program has 1"),
        patched("other record",
                record_bytes_at,
                bytes_of_number(std::uint32_t{48}),
                name + " with records of 48 bytes, this program's have 32"),
        patched("other schema", schema_at, 0xa0, name + " of schema 0xa0, this program has 0x77"),
    };
}

std::vector<Fault> journal_faults() {
    const std::string impossible = "impossible geometry: ";
    const auto ring = [&](std::uint64_t count) {
        return patched(
            "ring of " + std::to_string(count),
            records_at,
            count,
            impossible + "a ring of " + std::to_string(count) + " records, not a power of two");
    };
    return {
        patched("slot store", 0, "RODASLOT", "a slot store, not a journal"),
        ring(0),
        ring(3),
        ring(maximum),
        patched("ring near the end of numbers",
                records_at,
                std::uint64_t{1} << 63,
                impossible + "9223372036854775808 records of 32 bytes are more than any memory"),
        patched("ring larger than the file",
                records_at,
                256,
                "truncated: the file has 8192 bytes, its header says 12288"),
        patched("overhang",
                offsetof(JournalHeader, overhang_records),
                maximum,
                impossible + "an overhang of 18446744073709551615 records in a ring of 16"),
        patched("overhang of a ring",
                offsetof(JournalHeader, overhang_records),
                16,
                impossible + "an overhang of 16 records in a ring of 16"),
        patched("data offset",
                offsetof(JournalHeader, data_offset),
                64,
                impossible + "records at offset 64, not 4096"),
        cut(4096 + 16 * 32 - 1, "truncated: the file has 4607 bytes, its header says 4608"),
    };
}

std::vector<Fault> slot_faults() {
    const std::string impossible = "impossible geometry: ";
    const auto too_many = [&](std::uint64_t count) {
        return patched(
            std::to_string(count) + " slots",
            records_at,
            count,
            impossible + std::to_string(count) + " records of 64 bytes are more than any memory");
    };
    return {
        patched("journal", 0, "RODAJRNL", "a journal, not a slot store"),
        patched("no slot", records_at, 0, impossible + "no room for a record"),
        too_many(maximum),
        too_many(maximum / 64),
        patched("slots larger than the file",
                records_at,
                65,
                "truncated: the file has 8192 bytes, its header says 8256"),
        patched("stride 0",
                offsetof(SlotHeader, slot_bytes),
                0,
                impossible + "slots of 0 bytes, values of 32 take 64"),
        patched("stride",
                offsetof(SlotHeader, slot_bytes),
                maximum,
                impossible + "slots of 18446744073709551615 bytes, values of 32 take 64"),
        patched("data offset",
                offsetof(SlotHeader, data_offset),
                maximum,
                impossible + "slots at offset 18446744073709551615, not 4096"),
        cut(4096 + 16 * 64 - 1, "truncated: the file has 5119 bytes, its header says 5120"),
    };
}

struct Case {
    const Layout* layout;
    Fault fault;
};

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const auto& [layout, own] :
         {std::pair(&journal_layout, journal_faults()), std::pair(&slot_layout, slot_faults())}) {
        for (const Fault& fault : common_faults(layout->name)) {
            cases.push_back({layout, fault});
        }
        for (const Fault& fault : own) {
            cases.push_back({layout, fault});
        }
    }
    return cases;
}

std::string error_of(const Layout& layout, const std::string& path) {
    try {
        layout.attach(path);
    } catch (const StartupError& error) {
        return error.what();
    }
    return {};
}

TEST(SharedLayout, ReaderSaysWhichFaultAFileHas) {
    const TemporaryDirectory directory;
    for (const Case& each : all_cases()) {
        const std::string path = directory.file("store");
        each.layout->write(path);
        ASSERT_EQ(error_of(*each.layout, path), "") << each.layout->name;
        each.fault.cause(path);
        EXPECT_EQ(
            error_of(*each.layout, path),
            path + ": " + each.fault.message + " (use the tools of the same release as the writer)")
            << each.layout->name << ", " << each.fault.name;
        std::filesystem::remove(path);
    }
}

TEST(SharedLayout, WriterReplacesAFileWithAnyFaultAndReadersCanAttachAgain) {
    const TemporaryDirectory directory;
    for (const Case& each : all_cases()) {
        const std::string path = directory.file("store");
        each.layout->write(path);
        each.fault.cause(path);
        each.layout->write(path);
        EXPECT_EQ(error_of(*each.layout, path), "") << each.layout->name << ", " << each.fault.name;
        std::filesystem::remove(path);
    }
}

TEST(SharedLayout, EachIsRefusedAsTheOther) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("store");
    const std::string hint = " (use the tools of the same release as the writer)";
    journal_layout.write(path);
    EXPECT_EQ(error_of(slot_layout, path), path + ": a journal, not a slot store" + hint);
    std::filesystem::remove(path);
    slot_layout.write(path);
    EXPECT_EQ(error_of(journal_layout, path), path + ": a slot store, not a journal" + hint);
}

TEST(SharedLayout, HeaderThatChangesAfterTheCheckLeadsNoReaderOutOfTheFile) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("store");
    journal_layout.write(path);
    using Reader = BroadcastReader<Record>;
    Reader reader(path, schema, Reader::From::start);
    constexpr std::uint64_t far = std::uint64_t{1} << 30;
    overwrite(path, records_at, bytes_of_number(std::uint64_t{1} << 40));
    overwrite(path, offsetof(JournalHeader, published), bytes_of_number(far));
    ASSERT_TRUE(reader.seek(far - 3));
    std::vector<Record> out(4);
    const auto polled = reader.poll(out);
    EXPECT_EQ(polled.records, 3u);
    EXPECT_EQ(polled.missed, 0u);
    EXPECT_TRUE(out[0].is_whole()) << "of the ring that was checked";
}

TEST(SharedLayout, MagicNumbersAreLegibleInAHexDump) {
    EXPECT_EQ(journal_kind.magic, 0x4c4e'524a'4144'4f52u);
    EXPECT_EQ(std::memcmp(&journal_kind.magic, "RODAJRNL", 8), 0);
    EXPECT_EQ(std::memcmp(&slot_store_kind.magic, "RODASLOT", 8), 0);
}

/// Headers that are right but for some fields, so that checks behind the first are met as well.
class HostileHeaders {
  public:
    std::vector<std::byte> next() {
        std::vector<std::byte> file(sizes_[random_() % std::size(sizes_)]);
        if (random_() % 16 == 0) {
            for (std::byte& byte : file) {
                byte = static_cast<std::byte>(random_());
            }
            return file;
        }
        const bool is_journal = random_() % 2 == 0;
        put(file, 0, is_journal ? journal_kind.magic : slot_store_kind.magic);
        put(file, 8, number_or((std::uint64_t{sizeof(Record)} << 32) | 1, 32));
        put(file, 16, number_or(records, 2));
        put(file, 24, number_or(schema, 32));
        put(file, 32, number_or(is_journal ? records : slot_bytes_for(sizeof(Record)), 8));
        put(file, 40, number_or(0, 4));
        put(file, 48, number_or(layout_data_offset, 16));
        for (std::size_t at = 64; at < 1024; at += 64) {  // indices, gates, slots' neighbours
            put(file, at, number_or(5, 2));
        }
        return file;
    }

  private:
    static void put(std::vector<std::byte>& file, std::size_t at, std::uint64_t number) {
        if (at + sizeof(number) <= file.size()) {
            std::memcpy(file.data() + at, &number, sizeof(number));
        }
    }

    /// `right`, or once in `rarity` times a number that geometry stumbles over.
    std::uint64_t number_or(std::uint64_t right, unsigned rarity) {
        if (random_() % rarity != 0) {
            return right;
        }
        const std::uint64_t power = std::uint64_t{1} << (random_() % 64);
        switch (random_() % 5) {
            case 0:
                return power;
            case 1:
                return power - 1;
            case 2:
                return ~power;
            case 3:
                return maximum - random_() % 8192;
            default:
                return random_() % 512;
        }
    }

    static constexpr std::size_t sizes_[] = {
        1, 8, 31, 32, 64, 4095, 4096, 4097, 4608, 5120, 8192, 12'288};
    std::mt19937_64 random_{11};
};

// What passes must lie inside the file, by arithmetic that cannot overflow.
TEST(SharedLayout, WhatPassesLiesInsideTheFile) {
    __extension__ using Wide = unsigned __int128;
    HostileHeaders hostile;
    int passed = 0;
    for (int i = 0; i < 40'000; ++i) {
        const std::vector<std::byte> bytes = hostile.next();
        const MappedBytes file(bytes);
        const auto number = [&](std::size_t at) {
            std::uint64_t value = 0;
            std::memcpy(&value, bytes.data() + at, sizeof(value));
            return Wide{value};
        };
        const JournalShape journal{1, 0, sizeof(Record)};
        if (journal.mismatch(bytes.data(), bytes.size(), schema).empty()) {
            ++passed;
            ASSERT_LE(4096 + (number(16) + number(40)) * sizeof(Record), bytes.size());
            ASSERT_TRUE(number(16) != 0 && (number(16) & (number(16) - 1)) == 0);
        }
        if (SlotShape::mismatch(file, sizeof(Record), schema).empty()) {
            ++passed;
            ASSERT_LE(4096 + number(16) * 64, bytes.size());
        }
    }
    EXPECT_GT(passed, 500) << "else the loop tested nothing";
}

TEST(SharedLayout, ReadersOfHostileFilesRefuseOrReadAndNeverCrash) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("store");
    HostileHeaders hostile;
    int attached = 0;
    for (int i = 0; i < 1'000; ++i) {
        const std::vector<std::byte> bytes = hostile.next();
        std::filesystem::remove(path);  // to truncate it would make ext4 write it to disk
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
        for (const Layout* layout : {&journal_layout, &slot_layout}) {
            attached += error_of(*layout, path).empty() ? 1 : 0;
        }
    }
    EXPECT_GT(attached, 20) << "else the loop tested nothing";
}

}  // namespace
}  // namespace roda
