// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes, the decoder and libprotobuf agree: same verdict, same readings. Cases are
// seeded; a failure prints the seed and the bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/proto/agreement.hpp"
#include "tests/proto/wire_builder.hpp"

namespace roda {
namespace {

using test::Bytes;
using test::Chance;
using test::Oracle;
using test::Wire;

Bytes random_unknown_value(Chance& chance, std::uint32_t field, int depth);

/// A field that no Datagram has, or one that it has with another type.
Bytes random_unknown(Chance& chance, int depth = 0) {
    const std::uint32_t fields[] = {1, 2, 4, 5, 8, 10, 11, 15, 16, 2047, 2048, (1u << 29) - 1};
    return random_unknown_value(chance, fields[chance.below(std::size(fields))], depth);
}

Bytes random_unknown_value(Chance& chance, std::uint32_t field, int depth) {
    Wire wire;
    const int padding = chance.one_in(5) ? static_cast<int>(chance.below(5)) : 0;
    switch (chance.below(6)) {
        case 0:
            return wire.tag(field, 0, padding).varint(chance.word()).bytes();
        case 1:
            return wire.tag(field, 1, padding).raw(chance.word()).bytes();
        case 2:
            return wire.tag(field, 5, padding)
                .raw(static_cast<std::uint32_t>(chance.word()))
                .bytes();
        case 3:
            return wire.length_delimited(field, Bytes(chance.below(20), std::byte{9})).bytes();
        case 4:
            return wire
                .groups(field, static_cast<int>(1 + chance.below(chance.one_in(4) ? 110 : 3)))
                .bytes();
        default:
            wire.tag(field, 3, padding);
            for (auto inner = depth < 5 ? chance.below(3) : 0; inner > 0; --inner) {
                wire.raw_bytes(random_unknown(chance, depth + 1));
            }
            return wire.tag(chance.one_in(12) ? field + 1 : field, 4).bytes();
    }
}

template <typename Value>
void add_column(Chance& chance, std::vector<Bytes>& fields, std::uint32_t field, std::size_t n) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < n; ++i) {
        values.push_back(static_cast<Value>(chance.word()));
    }
    const bool whole = !chance.one_in(3);
    for (std::size_t at = 0; at < n;) {
        const std::size_t run = whole ? n : std::min<std::size_t>(n - at, chance.below(6));
        const bool unpacked = !whole && run == 1 && chance.one_in(2);
        if (unpacked) {
            fields.push_back(Wire().tag(field, sizeof(Value) == 8 ? 1 : 5).raw(values[at]).bytes());
        } else {
            const std::vector<Value> part(values.begin() + static_cast<std::ptrdiff_t>(at),
                                          values.begin() + static_cast<std::ptrdiff_t>(at + run));
            fields.push_back(Wire().packed(field, part).bytes());
        }
        at += run;
    }
}

Bytes random_row(Chance& chance) {
    std::vector<Bytes> fields;
    for (std::uint32_t field = 1; field <= 3; ++field) {
        if (!chance.one_in(8)) {
            fields.push_back(Wire().fixed64(field, chance.word()).bytes());
        }
    }
    if (chance.one_in(6)) {
        fields.push_back(random_unknown(chance));
        fields.push_back(Wire().fixed64(1, chance.word()).bytes());
        std::ranges::shuffle(fields, chance.engine());
    }
    Wire wire;
    for (const Bytes& field : fields) {
        wire.raw_bytes(field);
    }
    return wire.bytes();
}

/// The fields of a message that is often, not always, a proper datagram.
std::vector<Bytes> random_fields(Chance& chance) {
    std::vector<Bytes> fields;
    const auto scalar = [&](std::uint32_t field) {
        fields.push_back(Wire().fixed64(field, chance.word()).bytes());
    };
    if (chance.one_in(2)) {
        scalar(1);
        fields.push_back(Wire().fixed32(2, static_cast<std::uint32_t>(chance.bits())).bytes());
        scalar(3);
    }
    const std::size_t n = chance.one_in(3) ? 0 : chance.below(chance.one_in(10) ? 90 : 24);
    const auto length = [&] { return chance.one_in(20) ? chance.below(24) : n; };
    if (chance.one_in(2)) {
        add_column<std::uint64_t>(chance, fields, 4, length());
    } else {
        add_column<std::uint32_t>(chance, fields, 8, length());
    }
    add_column<std::uint64_t>(chance, fields, 5, n);
    if (const auto form = chance.below(4); form == 0) {
        add_column<std::uint64_t>(chance, fields, 6, length());
    } else if (form == 1) {
        add_column<std::int32_t>(chance, fields, 9, length());
    }
    if (chance.one_in(30)) {
        add_column<std::uint32_t>(chance, fields, 8, n);
        add_column<std::int32_t>(chance, fields, 9, n);
    }
    if (chance.one_in(2)) {
        scalar(7);
    }
    for (auto rows = chance.one_in(2) ? chance.below(10) : 0; rows > 0; --rows) {
        fields.push_back(Wire().length_delimited(10, random_row(chance)).bytes());
    }
    return fields;
}

Bytes join(const std::vector<Bytes>& fields) {
    Wire wire;
    for (const Bytes& field : fields) {
        wire.raw_bytes(field);
    }
    return wire.bytes();
}

/// Changes that keep a message valid: order, repetition, fields from the future.
void rearrange(Chance& chance, std::vector<Bytes>& fields) {
    if (chance.one_in(2)) {
        std::ranges::shuffle(fields, chance.engine());
    }
    for (auto extra = chance.below(3); extra > 0; --extra) {
        const auto at = static_cast<std::ptrdiff_t>(chance.below(fields.size() + 1));
        fields.insert(fields.begin() + at, random_unknown(chance));
    }
    if (!fields.empty() && chance.one_in(4)) {
        fields.push_back(fields[chance.below(fields.size())]);
    }
}

void damage(Chance& chance, Bytes& bytes) {
    for (auto flips = 1 + chance.below(3); flips > 0 && !bytes.empty(); --flips) {
        const std::size_t at = chance.below(bytes.size());
        switch (chance.below(4)) {
            case 0:
                bytes[at] ^= static_cast<std::byte>(1u << chance.below(8));
                break;
            case 1:
                bytes[at] = static_cast<std::byte>(chance.bits());
                break;
            case 2:
                bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
                break;
            default:
                bytes.resize(at);
                break;
        }
    }
}

TEST(DecoderOracle, MessagesInEveryForm) {
    Oracle oracle;
    for (std::uint64_t seed = 0; seed < 15'000; ++seed) {
        Chance chance(seed);
        std::vector<Bytes> fields = random_fields(chance);
        rearrange(chance, fields);
        ASSERT_TRUE(oracle.agrees(join(fields))) << "seed " << seed;
    }
    oracle.expect_at_least(100);
}

TEST(DecoderOracle, DamagedMessages) {
    Oracle oracle;
    for (std::uint64_t seed = 0; seed < 30'000; ++seed) {
        Chance chance(1'000'000 + seed);
        std::vector<Bytes> fields = random_fields(chance);
        rearrange(chance, fields);
        Bytes bytes = join(fields);
        damage(chance, bytes);
        ASSERT_TRUE(oracle.agrees(bytes)) << "seed " << seed;
    }
    oracle.expect_at_least(50);
}

TEST(DecoderOracle, EveryTruncation) {
    Oracle oracle;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Chance chance(2'000'000 + seed);
        std::vector<Bytes> fields = random_fields(chance);
        rearrange(chance, fields);
        Bytes bytes = join(fields);
        for (; !bytes.empty(); bytes.pop_back()) {
            ASSERT_TRUE(oracle.agrees(bytes)) << "seed " << seed;
        }
    }
}

TEST(DecoderOracle, PureNoise) {
    Oracle oracle;
    for (std::uint64_t seed = 0; seed < 40'000; ++seed) {
        Chance chance(3'000'000 + seed);
        Bytes bytes(chance.below(40));
        for (std::byte& byte : bytes) {
            // Small numbers are tags, wire types and lengths: noise that gets somewhere.
            byte = static_cast<std::byte>(chance.one_in(2) ? chance.below(90) : chance.bits());
        }
        ASSERT_TRUE(oracle.agrees(bytes)) << "seed " << seed;
    }
}

TEST(DecoderOracle, EveryShortMessage) {
    Oracle oracle;
    for (unsigned pattern = 0; pattern < 0x10000; ++pattern) {
        const Bytes bytes = {static_cast<std::byte>(pattern), static_cast<std::byte>(pattern >> 8)};
        ASSERT_TRUE(oracle.agrees(bytes));
    }
}

TEST(DecoderOracle, EveryLengthOfVarint) {
    Oracle oracle;
    for (int padding = 0; padding <= 11; ++padding) {
        for (unsigned last = 0; last < 128; ++last) {
            for (unsigned tag : {0x0au, 0x22u, 0x42u, 0x52u, 0x78u, 0x7au, 0u}) {
                // As a tag and, behind a tag, as a size or a value; the last byte is anything.
                for (const bool as_tag : {true, false}) {
                    Wire wire;
                    if (!as_tag) {
                        wire.varint(tag);
                    }
                    for (int i = 0; i < padding; ++i) {
                        wire.raw_byte(0x80u | (as_tag && i == 0 ? tag & 0x7f : 0));
                    }
                    wire.raw_byte(last).raw_bytes(Bytes(24));
                    ASSERT_TRUE(oracle.agrees(wire.bytes()));
                }
            }
        }
    }
}

}  // namespace
}  // namespace roda
