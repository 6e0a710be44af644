// SPDX-License-Identifier: Apache-2.0
#include "proto/checksum.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/proto/guarded_memory.hpp"
#include "tests/support/frame_builder.hpp"

namespace roda {
namespace {

using proto::ChecksumSum;
using test::Bytes;

Bytes random_bytes(std::mt19937_64& random, std::size_t count) {
    Bytes bytes(count);
    for (std::byte& byte : bytes) {
        byte = static_cast<std::byte>(random());
    }
    return bytes;
}

std::uint16_t checksum(std::span<const std::byte> bytes) {
    ChecksumSum sum;
    sum.add(bytes);
    return sum.field();
}

TEST(Checksum, MatchesTheExampleOfRfc1071) {
    // RFC 1071, 3: the sum of these words is ddf2.
    EXPECT_EQ(checksum(test::bytes_of({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7})),
              0xffff - 0xddf2);
}

TEST(Checksum, EqualsTheWordByWordSumAtEveryLength) {
    std::mt19937_64 random(1);
    test::GuardedMemory memory(4096);
    for (std::size_t length = 0; length <= 1600; ++length) {
        const Bytes bytes = random_bytes(random, length);
        ASSERT_EQ(checksum(memory.copy(bytes)), test::naive_checksum(bytes)) << length;
    }
}

TEST(Checksum, CarriesNeverGetLost) {
    const Bytes ones(65535, std::byte{0xff});
    EXPECT_EQ(checksum(ones), test::naive_checksum(ones));
}

TEST(Checksum, PiecesOfEvenLengthSumLikeTheWhole) {
    std::mt19937_64 random(2);
    const Bytes bytes = random_bytes(random, 1001);
    for (std::size_t split = 0; split <= bytes.size(); split += 2) {
        ChecksumSum sum;
        sum.add(std::span(bytes).first(split));
        sum.add(std::span(bytes).subspan(split));
        ASSERT_EQ(sum.field(), test::naive_checksum(bytes)) << split;
    }
}

TEST(Checksum, AnAreaWithItsOwnFieldIsValidUntilABitFlips) {
    std::mt19937_64 random(3);
    Bytes bytes = random_bytes(random, 61);
    test::put_u16(bytes, 10, 0);
    test::put_u16(bytes, 10, checksum(bytes));
    const auto valid = [&bytes] {
        ChecksumSum sum;
        sum.add(bytes);
        return sum.valid();
    };
    EXPECT_TRUE(valid());
    for (std::byte& byte : bytes) {
        byte ^= std::byte{0x20};
        EXPECT_FALSE(valid());
        byte ^= std::byte{0x20};
    }
}

}  // namespace
}  // namespace roda
