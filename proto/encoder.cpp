// SPDX-License-Identifier: Apache-2.0
// Sizes first, one check against `out`, then plain stores in field order; proto3 leaves out zeros.
#include "proto/encoder.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "proto/wire_cursor.hpp"

namespace roda::proto {
namespace {

static_assert(std::endian::native == std::endian::little);

std::size_t varint_bytes(std::size_t value) {
    std::size_t bytes = 1;
    for (; value >= 0x80; value >>= 7) {
        ++bytes;
    }
    return bytes;
}

/// Bytes of a scalar with its tag of one byte; none when it is zero.
std::size_t fixed64_bytes(std::uint64_t value) {
    return value != 0 ? 9 : 0;
}

std::size_t fixed32_bytes(std::uint32_t value) {
    return value != 0 ? 5 : 0;
}

std::size_t length_delimited_bytes(std::size_t content) {
    return 1 + varint_bytes(content) + content;
}

std::size_t column_bytes(std::size_t entries, std::size_t width) {
    return entries != 0 ? length_delimited_bytes(entries * width) : 0;
}

/// Zero is a matter of bits: -0.0 is sent.
std::uint64_t value_bits(const Reading& reading) {
    return std::bit_cast<std::uint64_t>(reading.value);
}

std::size_t row_bytes(const Reading& row) {
    return fixed64_bytes(row.sensor_id) + fixed64_bytes(value_bits(row)) +
           fixed64_bytes(row.timestamp_ns);
}

std::size_t header_bytes(const DatagramHeader& header) {
    return fixed64_bytes(header.device_id) + fixed32_bytes(header.boot_id) +
           fixed64_bytes(header.sequence);
}

/// Microseconds from `base_ns`, rounded down; nothing when 32 bits cannot hold them.
std::optional<std::int32_t> time_offset_us(std::uint64_t time_ns, std::uint64_t base_ns) {
    const auto delta_ns = static_cast<std::int64_t>(time_ns - base_ns);
    if ((delta_ns >= 0) != (time_ns >= base_ns)) {
        return std::nullopt;  // centuries apart
    }
    const std::int64_t delta_us = delta_ns / 1000 - (delta_ns % 1000 < 0 ? 1 : 0);
    if (delta_us < std::numeric_limits<std::int32_t>::min() ||
        delta_us > std::numeric_limits<std::int32_t>::max()) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(delta_us);
}

bool fits_narrow(std::span<const Reading> readings) {
    if (readings.empty()) {
        return true;
    }
    const std::uint64_t base_ns = readings.front().timestamp_ns;
    if (base_ns == 0) {
        return false;  // on the wire: no base time at all
    }
    for (const Reading& reading : readings) {
        if (reading.sensor_id > std::numeric_limits<std::uint32_t>::max() ||
            !time_offset_us(reading.timestamp_ns, base_ns)) {
            return false;
        }
    }
    return true;
}

std::size_t readings_bytes(std::span<const Reading> readings, Form form) {
    const std::size_t n = readings.size();
    std::size_t bytes = 0;
    switch (form) {
        case Form::columns:
            return 3 * column_bytes(n, 8);
        case Form::narrow:
            bytes = n != 0 ? fixed64_bytes(readings.front().timestamp_ns) : 0;
            return bytes + column_bytes(n, 8) + 2 * column_bytes(n, 4);
        case Form::rows:
            for (const Reading& row : readings) {
                bytes += length_delimited_bytes(row_bytes(row));
            }
            return bytes;
    }
    return bytes;
}

/// Unchecked: the size was compared with the space before.
class Writer {
  public:
    explicit Writer(std::byte* at) : at_(at) {}

    template <typename Value>
    void put(Value value) {
        std::memcpy(at_, &value, sizeof value);
        at_ += sizeof value;
    }

    void tag(std::uint32_t field, WireType type) {
        put(static_cast<std::uint8_t>(make_tag(field, type)));
    }

    void fixed64(std::uint32_t field, std::uint64_t value) {
        if (value != 0) {
            tag(field, WireType::fixed64);
            put(value);
        }
    }

    void fixed32(std::uint32_t field, std::uint32_t value) {
        if (value != 0) {
            tag(field, WireType::fixed32);
            put(value);
        }
    }

    void length_delimited(std::uint32_t field, std::size_t content) {
        tag(field, WireType::length_delimited);
        for (; content >= 0x80; content >>= 7) {
            put(static_cast<std::uint8_t>(content | 0x80));
        }
        put(static_cast<std::uint8_t>(content));
    }

    template <typename Project>
    void column(std::uint32_t field, std::span<const Reading> readings, Project project) {
        if (readings.empty()) {
            return;
        }
        length_delimited(field, readings.size() * sizeof(project(readings.front())));
        for (const Reading& reading : readings) {
            put(project(reading));
        }
    }

  private:
    std::byte* at_;
};

std::uint64_t id(const Reading& reading) {
    return reading.sensor_id;
}

std::uint64_t time(const Reading& reading) {
    return reading.timestamp_ns;
}

std::uint32_t short_id(const Reading& reading) {
    return static_cast<std::uint32_t>(reading.sensor_id);
}

void write_readings(Writer& writer, std::span<const Reading> readings, Form form) {
    switch (form) {
        case Form::columns:
            writer.column(4, readings, id);
            writer.column(5, readings, value_bits);
            writer.column(6, readings, time);
            break;
        case Form::narrow: {
            const std::uint64_t base_ns = readings.empty() ? 0 : readings.front().timestamp_ns;
            writer.column(5, readings, value_bits);
            writer.fixed64(7, base_ns);
            writer.column(8, readings, short_id);
            writer.column(9, readings, [base_ns](const Reading& reading) {
                return *time_offset_us(reading.timestamp_ns, base_ns);
            });
            break;
        }
        case Form::rows:
            for (const Reading& row : readings) {
                writer.length_delimited(10, row_bytes(row));
                writer.fixed64(1, row.sensor_id);
                writer.fixed64(2, value_bits(row));
                writer.fixed64(3, row.timestamp_ns);
            }
            break;
    }
}

}  // namespace

std::size_t encode_datagram(const DatagramHeader& header,
                            std::span<const Reading> readings,
                            Form form,
                            std::span<std::byte> out) noexcept {
    if (form == Form::narrow && !fits_narrow(readings)) {
        return 0;
    }
    const std::size_t bytes = header_bytes(header) + readings_bytes(readings, form);
    if (bytes > out.size()) {
        return 0;
    }
    Writer writer(out.data());
    writer.fixed64(1, header.device_id);
    writer.fixed32(2, header.boot_id);
    writer.fixed64(3, header.sequence);
    write_readings(writer, readings, form);
    return bytes;
}

}  // namespace roda::proto
