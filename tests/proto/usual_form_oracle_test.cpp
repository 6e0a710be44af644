// SPDX-License-Identifier: Apache-2.0
// The datagrams that have a fast path of their own, and all that nearly looks like one: the verdict
// and the readings are those of the general walk and of libprotobuf.
#include <gtest/gtest.h>

#include <vector>

#include "proto/encoder.hpp"
#include "tests/proto/agreement.hpp"
#include "tests/proto/wire_builder.hpp"

namespace roda {
namespace {

using proto::Reading;
using test::arrival_ns;
using test::Bytes;
using test::Chance;
using test::Oracle;
using test::Wire;

/// What a stock encoder sends: the forms that have a path of their own.
Bytes encoded(Chance& chance, proto::Form form, std::size_t n) {
    const bool small = form == proto::Form::narrow;  // ids of 32 bits, times near each other
    std::vector<Reading> readings;
    for (std::size_t i = 0; i < n; ++i) {
        readings.push_back({small ? chance.bits() >> 32 : chance.word(),
                            static_cast<double>(chance.bits()),
                            arrival_ns + chance.below(1000) * 1000});
    }
    const proto::DatagramHeader header = {
        .device_id = chance.word(),
        .sequence = chance.word(),
        .boot_id = static_cast<std::uint32_t>(chance.word()),
    };
    Bytes bytes(64 * (n + 1));
    bytes.resize(proto::encode_datagram(header, readings, form, bytes));
    return bytes;
}

// Where a length takes a second byte, in either width of column; a full datagram; none too many.
constexpr std::size_t telling_sizes[] = {1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 57, 64, 65};

TEST(UsualFormOracle, FormsChangedAtEachByte) {
    Oracle oracle;
    Chance chance(4'000'000);
    for (const proto::Form form : {proto::Form::columns, proto::Form::narrow}) {
        for (const std::size_t n : telling_sizes) {
            Bytes bytes = encoded(chance, form, n);
            ASSERT_TRUE(oracle.agrees(bytes));
            for (std::byte& byte : bytes) {
                const std::byte was = byte;
                for (const unsigned flip : {0x01u, 0x02u, 0x08u, 0x10u, 0x80u, 0xffu}) {
                    byte = was ^ static_cast<std::byte>(flip);
                    ASSERT_TRUE(oracle.agrees(bytes)) << n << " readings";
                }
                byte = was;
            }
        }
    }
}

TEST(UsualFormOracle, FormsWithAByteMoreOrLessAnywhere) {
    Oracle oracle;
    Chance chance(5'000'000);
    for (const proto::Form form : {proto::Form::columns, proto::Form::narrow}) {
        for (const std::size_t n : telling_sizes) {
            const Bytes bytes = encoded(chance, form, n);
            for (std::size_t at = 0; at < bytes.size(); ++at) {
                Bytes shorter = bytes;
                shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at));
                ASSERT_TRUE(oracle.agrees(shorter)) << n << " readings";
                Bytes longer = bytes;
                longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(at), bytes[at]);
                ASSERT_TRUE(oracle.agrees(longer)) << n << " readings";
                Bytes cut = bytes;
                cut.resize(at);
                ASSERT_TRUE(oracle.agrees(cut)) << n << " readings";
            }
        }
    }
}

/// Two column lengths that only together fit the size: what a check of the sum would let pass.
TEST(UsualFormOracle, ColumnsThatExchangeLengths) {
    Oracle oracle;
    const std::vector<std::uint64_t> three(3, 7);
    for (std::size_t less = 0; less <= 3; ++less) {
        const std::vector<std::uint64_t> shorter(3 - less, 8);
        const std::vector<std::uint64_t> longer(3 + less, 9);
        ASSERT_TRUE(
            oracle.agrees(Wire().packed(4, shorter).packed(5, longer).packed(6, three).bytes()));
        ASSERT_TRUE(
            oracle.agrees(Wire().packed(4, three).packed(5, shorter).packed(6, longer).bytes()));
        ASSERT_TRUE(
            oracle.agrees(Wire().packed(4, longer).packed(5, three).packed(6, shorter).bytes()));
    }
}

}  // namespace
}  // namespace roda
