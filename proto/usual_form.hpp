// SPDX-License-Identifier: Apache-2.0
// The bytes that a stock encoder makes of columns: scalars in front (a zero is left out), then each
// column packed, once, in field order, and nothing else. Whatever differs is left to the general
// walk.
//
// In such a datagram the number of readings follows from its size, and with it the place and the
// content of each tag and length. So they are compared, not parsed: what address to read next does
// not wait for the bytes of the columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "proto/transpose.hpp"
#include "proto/wire_cursor.hpp"

namespace roda::proto {

/// Takes scalars from the front of a datagram, each if it is what comes next.
class ScalarPrefix {
  public:
    explicit ScalarPrefix(std::span<const std::byte> datagram) noexcept
        : at_(datagram.data()), left_(datagram.size()) {}

    template <typename Value>
    [[gnu::always_inline]] void take(std::uint32_t field, Value& value) noexcept {
        constexpr WireType type = sizeof(Value) == 8 ? WireType::fixed64 : WireType::fixed32;
        if (left_ > sizeof(Value) && *at_ == static_cast<std::byte>(make_tag(field, type))) {
            value = load<Value>(at_ + 1);
            at_ += 1 + sizeof(Value);
            left_ -= 1 + sizeof(Value);
        }
    }

    std::span<const std::byte> rest() const noexcept { return {at_, left_}; }

  private:
    const std::byte* at_;
    std::size_t left_;
};

/// What stands before a column's entries: a tag of one byte, a length of one or two.
struct ColumnHead {
    std::size_t size_bytes;
    std::uint32_t bits;  // with a tag of zero
    std::uint32_t mask;

    static constexpr std::size_t max_entries_bytes = (std::size_t{1} << 14) - 1;

    [[gnu::always_inline]] static ColumnHead of(std::size_t entries_bytes) noexcept {
        const auto length = static_cast<std::uint32_t>(entries_bytes);
        if (length < 0x80) {
            return {2, length << 8, 0xffff};
        }
        return {3, length >> 7 << 16 | (length & 0x7f) << 8 | 0x8000, 0xff'ffff};
    }

    /// Reads four bytes, so at least two bytes of entries must follow the head.
    [[gnu::always_inline]] bool stands_at(const std::byte* at, std::uint32_t field) const noexcept {
        const std::uint32_t tag = make_tag(field, WireType::length_delimited);
        return (load<std::uint32_t>(at) & mask) == (bits | tag);
    }
};

/// Columns of sensor_id, value, timestamp_ns. No readings: the bytes are something else.
struct WideForm {
    std::size_t readings = 0;
    const std::byte* ids = nullptr;
    const std::byte* values = nullptr;
    const std::byte* times = nullptr;

    static WideForm of(std::span<const std::byte> columns) noexcept {
        const std::size_t stride = columns.size() / 3;  // a head, and 8 bytes a reading
        if (stride < 2 + 8 || 3 * stride != columns.size()) {
            return {};
        }
        const std::size_t readings = (stride - 2) / 8;
        const ColumnHead head = ColumnHead::of(8 * readings);
        const std::byte* at = columns.data();
        if (8 * readings > ColumnHead::max_entries_bytes ||
            head.size_bytes + 8 * readings != stride || !head.stands_at(at, 4) ||
            !head.stands_at(at + stride, 5) || !head.stands_at(at + 2 * stride, 6)) {
            return {};
        }
        at += head.size_bytes;
        return {readings, at, at + stride, at + 2 * stride};
    }
};

/// Columns value, short_sensor_id, time_offset_us, with base_time_ns behind the first.
struct NarrowForm {
    std::size_t readings = 0;
    const std::byte* ids = nullptr;
    const std::byte* values = nullptr;
    const std::byte* offsets = nullptr;
    std::uint64_t base_time_ns = 0;

    static NarrowForm of(std::span<const std::byte> columns) noexcept {
        constexpr std::size_t base_bytes = 1 + 8;
        constexpr std::size_t least_heads_bytes = 3 * 2;  // and at most 9: less than a reading more
        constexpr std::size_t reading_bytes = 8 + 4 + 4;
        if (columns.size() < base_bytes + least_heads_bytes + reading_bytes) {
            return {};
        }
        const std::size_t readings =
            (columns.size() - base_bytes - least_heads_bytes) / reading_bytes;
        const ColumnHead value_head = ColumnHead::of(8 * readings);
        const ColumnHead id_head = ColumnHead::of(4 * readings);
        const std::size_t heads_bytes = value_head.size_bytes + 2 * id_head.size_bytes;
        if (8 * readings > ColumnHead::max_entries_bytes ||
            base_bytes + heads_bytes + reading_bytes * readings != columns.size()) {
            return {};
        }
        const std::byte* at = columns.data();
        const std::byte* base = at + value_head.size_bytes + 8 * readings;
        const std::byte* ids = base + base_bytes;
        const std::byte* offsets = ids + id_head.size_bytes + 4 * readings;
        if (!value_head.stands_at(at, 5) ||
            *base != static_cast<std::byte>(make_tag(7, WireType::fixed64)) ||
            !id_head.stands_at(ids, 8) || !id_head.stands_at(offsets, 9)) {
            return {};
        }
        return {readings,
                ids + id_head.size_bytes,
                at + value_head.size_bytes,
                offsets + id_head.size_bytes,
                load<std::uint64_t>(base + 1)};
    }
};

}  // namespace roda::proto
