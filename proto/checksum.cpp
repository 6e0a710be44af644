// SPDX-License-Identifier: Apache-2.0
#include "proto/checksum.hpp"

#include <bit>
#include <cstring>

namespace roda::proto {

static_assert(std::endian::native == std::endian::little);

void ChecksumSum::add(std::span<const std::byte> piece) noexcept {
    const std::byte* at = piece.data();
    const std::size_t words = piece.size() / 8;
    // Halves apart: 2^32 of them fit before a sum overflows, so no carry needs care in the loop.
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    for (std::size_t i = 0; i < words; ++i) {
        std::uint64_t word;
        std::memcpy(&word, at + 8 * i, sizeof word);
        low += word & 0xffff'ffff;
        high += word >> 32;
    }
    std::uint64_t tail = 0;  // an odd last byte is padded with a zero byte behind it
    if (const std::size_t rest = piece.size() % 8; rest != 0) {
        std::memcpy(&tail, at + 8 * words, rest);
    }
    sum_ += low + high + (tail & 0xffff'ffff) + (tail >> 32);
}

std::uint16_t ChecksumSum::folded() const noexcept {
    std::uint64_t sum = (sum_ >> 32) + (sum_ & 0xffff'ffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return static_cast<std::uint16_t>(sum);
}

std::uint16_t ChecksumSum::field() const noexcept {
    const std::uint16_t in_memory_order = static_cast<std::uint16_t>(~folded());
    return static_cast<std::uint16_t>(in_memory_order << 8 | in_memory_order >> 8);
}

}  // namespace roda::proto
