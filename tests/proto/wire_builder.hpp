// SPDX-License-Identifier: Apache-2.0
// Protobuf wire bytes for decoder tests: valid fields, and everything a valid field may look like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace roda::test {

using Bytes = std::vector<std::byte>;

/// Appends fields; each function returns the builder, so that a message reads as one expression.
class Wire {
  public:
    /// `padding` adds that many continuation bytes that change no bit of the value.
    Wire& varint(std::uint64_t value, int padding = 0) {
        for (; value >= 0x80 || padding > 0; value >>= 7) {
            raw_byte(static_cast<unsigned>(value & 0x7f) | 0x80);
            padding -= value < 0x80 ? 1 : 0;
        }
        return raw_byte(static_cast<unsigned>(value));
    }

    Wire& tag(std::uint32_t field, std::uint32_t type, int padding = 0) {
        return varint(std::uint64_t{field} << 3 | type, padding);
    }

    template <typename Value>
    Wire& raw(Value value) {
        const auto bytes = std::as_bytes(std::span(&value, 1));
        return raw_bytes(bytes);
    }

    Wire& raw_byte(unsigned value) {
        bytes_.push_back(static_cast<std::byte>(value));
        return *this;
    }

    Wire& raw_bytes(std::span<const std::byte> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return *this;
    }

    Wire& fixed64(std::uint32_t field, std::uint64_t value) { return tag(field, 1).raw(value); }

    Wire& real(std::uint32_t field, double value) { return tag(field, 1).raw(value); }

    Wire& fixed32(std::uint32_t field, std::uint32_t value) { return tag(field, 5).raw(value); }

    Wire& length_delimited(std::uint32_t field, std::span<const std::byte> content) {
        return tag(field, 2).varint(content.size()).raw_bytes(content);
    }

    template <typename Value>
    Wire& packed(std::uint32_t field, const std::vector<Value>& values) {
        return length_delimited(field, std::as_bytes(std::span(values)));
    }

    Wire& row(const Wire& content) { return length_delimited(10, content.bytes()); }

    /// `depth` groups, one in the other.
    Wire& groups(std::uint32_t field, int depth) {
        for (int i = 0; i < depth; ++i) {
            tag(field, 3);
        }
        for (int i = 0; i < depth; ++i) {
            tag(field, 4);
        }
        return *this;
    }

    const Bytes& bytes() const { return bytes_; }

  private:
    Bytes bytes_;
};

inline std::string to_hex(std::span<const std::byte> bytes) {
    std::string hex;
    for (const std::byte byte : bytes) {
        constexpr char digits[] = "0123456789abcdef";
        hex += digits[std::to_integer<unsigned>(byte) >> 4];
        hex += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return hex;
}

}  // namespace roda::test
