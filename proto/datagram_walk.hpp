// SPDX-License-Identifier: Apache-2.0
// telemetry.proto as a grammar: visits the fields of a datagram in wire order. What to make of
// them is the visitor's business (decoder.cpp).
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "proto/decoder.hpp"
#include "proto/records.hpp"
#include "proto/wire_cursor.hpp"

namespace roda::proto {

/// The repeated fixed-width fields.
enum class Column : std::uint8_t { wide_ids, values, wide_times, short_ids, time_offsets };

inline constexpr std::size_t column_count = 5;
inline constexpr std::array<std::size_t, column_count> column_width_bytes = {8, 8, 8, 4, 4};

constexpr std::size_t index_of(Column column) {
    return static_cast<std::size_t>(column);
}

/// A visitor keeps the last value of each scalar and is shown each run of a column's entries (one
/// entry where the sender did not pack) and each row. on_row() is false for a malformed row.
template <typename Visitor>
concept DatagramVisitor = requires(Visitor& visitor,
                                   Column column,
                                   const std::byte* entries,
                                   std::size_t count,
                                   std::span<const std::byte> row) {
    visitor.header = DatagramHeader{};
    visitor.base_time_ns = std::uint64_t{};
    visitor.on_run(column, entries, count);
    { visitor.on_row(row) } -> std::same_as<bool>;
};

template <Column column, DatagramVisitor Visitor>
bool read_packed(WireCursor& cursor, Visitor& visitor) noexcept {
    constexpr std::size_t width = column_width_bytes[index_of(column)];
    std::span<const std::byte> run;
    if (!cursor.read_length_delimited(run) || run.size() % width != 0) {
        return false;
    }
    visitor.on_run(column, run.data(), run.size() / width);
    return true;
}

template <Column column, DatagramVisitor Visitor>
bool read_unpacked(WireCursor& cursor, Visitor& visitor) noexcept {
    const std::byte* entry = cursor.position();
    if (!cursor.skip(column_width_bytes[index_of(column)])) {
        return false;
    }
    visitor.on_run(column, entry, 1);
    return true;
}

template <DatagramVisitor Visitor>
bool read_row(WireCursor& cursor, Visitor& visitor) noexcept {
    std::span<const std::byte> row;
    return cursor.read_length_delimited(row) && visitor.on_row(row);
}

template <DatagramVisitor Visitor>
bool read_field(WireCursor& cursor, std::uint32_t tag, Visitor& visitor) noexcept {
    switch (tag) {
        case make_tag(1, WireType::fixed64):
            return cursor.read_fixed(visitor.header.device_id);
        case make_tag(2, WireType::fixed32):
            return cursor.read_fixed(visitor.header.boot_id);
        case make_tag(3, WireType::fixed64):
            return cursor.read_fixed(visitor.header.sequence);
        case make_tag(4, WireType::length_delimited):
            return read_packed<Column::wide_ids>(cursor, visitor);
        case make_tag(4, WireType::fixed64):
            return read_unpacked<Column::wide_ids>(cursor, visitor);
        case make_tag(5, WireType::length_delimited):
            return read_packed<Column::values>(cursor, visitor);
        case make_tag(5, WireType::fixed64):
            return read_unpacked<Column::values>(cursor, visitor);
        case make_tag(6, WireType::length_delimited):
            return read_packed<Column::wide_times>(cursor, visitor);
        case make_tag(6, WireType::fixed64):
            return read_unpacked<Column::wide_times>(cursor, visitor);
        case make_tag(7, WireType::fixed64):
            return cursor.read_fixed(visitor.base_time_ns);
        case make_tag(8, WireType::length_delimited):
            return read_packed<Column::short_ids>(cursor, visitor);
        case make_tag(8, WireType::fixed32):
            return read_unpacked<Column::short_ids>(cursor, visitor);
        case make_tag(9, WireType::length_delimited):
            return read_packed<Column::time_offsets>(cursor, visitor);
        case make_tag(9, WireType::fixed32):
            return read_unpacked<Column::time_offsets>(cursor, visitor);
        case make_tag(10, WireType::length_delimited):
            return read_row(cursor, visitor);
        default:  // unknown, or known with another wire type, which is the same
            return cursor.skip_value(tag, max_wire_depth);
    }
}

/// False: `payload` is no valid message; the visitor has seen what came before the fault.
template <DatagramVisitor Visitor>
bool walk_datagram(std::span<const std::byte> payload, Visitor& visitor) noexcept {
    WireCursor cursor(payload);
    while (!cursor.at_end()) {
        std::uint32_t tag = 0;
        if (!cursor.read_tag(tag) || !read_field(cursor, tag, visitor)) {
            return false;
        }
    }
    return true;
}

/// One Reading message. False: malformed.
inline bool decode_row(std::span<const std::byte> bytes, Reading& row) noexcept {
    constexpr std::uint32_t id_tag = make_tag(1, WireType::fixed64);
    constexpr std::uint32_t value_tag = make_tag(2, WireType::fixed64);
    constexpr std::uint32_t time_tag = make_tag(3, WireType::fixed64);
    constexpr std::size_t complete_bytes = 3 * (1 + 8);
    if (bytes.size() == complete_bytes && bytes[0] == std::byte{id_tag} &&
        bytes[9] == std::byte{value_tag} && bytes[18] == std::byte{time_tag}) {
        std::memcpy(&row.sensor_id, &bytes[1], 8);
        std::memcpy(&row.value, &bytes[10], 8);
        std::memcpy(&row.timestamp_ns, &bytes[19], 8);
        return true;  // what every stock encoder sends when no part is zero
    }
    row = {};
    WireCursor cursor(bytes);
    while (!cursor.at_end()) {
        std::uint32_t tag = 0;
        if (!cursor.read_tag(tag)) {
            return false;
        }
        const bool valid = tag == id_tag      ? cursor.read_fixed(row.sensor_id)
                           : tag == value_tag ? cursor.read_fixed(row.value)
                           : tag == time_tag
                               ? cursor.read_fixed(row.timestamp_ns)
                               : cursor.skip_value(tag, max_wire_depth - 1);  // the row is a level
        if (!valid) {
            return false;
        }
    }
    return true;
}

}  // namespace roda::proto
