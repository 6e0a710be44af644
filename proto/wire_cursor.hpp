// SPDX-License-Identifier: Apache-2.0
// The protobuf wire grammar: tags, varints, fixed-width values and the skipping of unknown fields.
// Knows no schema. Every read is bounded; false means that the bytes are no valid message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace roda::proto {

enum class WireType : std::uint32_t {
    varint = 0,
    fixed64 = 1,
    length_delimited = 2,
    start_group = 3,
    end_group = 4,
    fixed32 = 5,
};

constexpr std::uint32_t make_tag(std::uint32_t field, WireType type) {
    return field << 3 | static_cast<std::uint32_t>(type);
}

/// Groups and submessages may nest this deep, as in libprotobuf.
inline constexpr int max_wire_depth = 100;

class WireCursor {
  public:
    explicit WireCursor(std::span<const std::byte> bytes) noexcept
        : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    bool at_end() const noexcept { return at_ == end_; }

    std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_); }

    const std::byte* position() const noexcept { return at_; }

    /// Up to five bytes; bits beyond the 32nd are dropped, as libprotobuf does.
    bool read_tag(std::uint32_t& tag) noexcept {
        std::uint64_t wide = 0;
        const bool complete = read_varint<5>(wide);
        tag = static_cast<std::uint32_t>(wide);
        return complete;
    }

    template <typename Value>
    bool read_fixed(Value& value) noexcept {
        if (remaining() < sizeof value) {
            return false;
        }
        std::memcpy(&value, at_, sizeof value);
        at_ += sizeof value;
        return true;
    }

    bool read_length_delimited(std::span<const std::byte>& content) noexcept {
        std::uint64_t size = 0;
        if (!read_varint<5>(size) || size > remaining()) {
            return false;
        }
        content = {at_, static_cast<std::size_t>(size)};
        at_ += content.size();
        return true;
    }

    bool skip(std::size_t bytes) noexcept {
        if (remaining() < bytes) {
            return false;
        }
        at_ += bytes;
        return true;
    }

    /// Skips the value that belongs to `tag`; `depth_left` groups may still be opened.
    bool skip_value(std::uint32_t tag, int depth_left) noexcept;

  private:
    template <int max_bytes>
    bool read_varint(std::uint64_t& value) noexcept {
        if (at_ != end_ && *at_ < std::byte{0x80}) {  // nearly always
            value = std::to_integer<std::uint64_t>(*at_++);
            return true;
        }
        value = 0;
        for (int i = 0; i < max_bytes && at_ != end_; ++i) {
            const auto byte = std::to_integer<std::uint64_t>(*at_++);
            value |= (byte & 0x7f) << (7 * i);
            if (byte < 0x80) {
                return true;
            }
        }
        return false;
    }

    bool skip_group(std::uint32_t field, int depth_left) noexcept;

    const std::byte* at_;
    const std::byte* end_;
};

inline bool WireCursor::skip_value(std::uint32_t tag, int depth_left) noexcept {
    const std::uint32_t field = tag >> 3;
    if (field == 0) {
        return false;
    }
    std::uint64_t ignored_value;
    std::span<const std::byte> ignored_content;
    switch (static_cast<WireType>(tag & 7)) {
        case WireType::varint:
            return read_varint<10>(ignored_value);
        case WireType::fixed64:
            return skip(8);
        case WireType::length_delimited:
            return read_length_delimited(ignored_content);
        case WireType::start_group:
            return depth_left > 0 && skip_group(field, depth_left - 1);
        case WireType::fixed32:
            return skip(4);
        case WireType::end_group:  // without its beginning
            return false;
    }
    return false;
}

inline bool WireCursor::skip_group(std::uint32_t field, int depth_left) noexcept {
    std::uint32_t tag = 0;
    while (read_tag(tag)) {
        if (tag == make_tag(field, WireType::end_group)) {
            return true;
        }
        if (!skip_value(tag, depth_left)) {
            return false;
        }
    }
    return false;
}

}  // namespace roda::proto
