// SPDX-License-Identifier: Apache-2.0
#include "dpdk/recorder/pcapng.hpp"

#include <cstring>
#include <limits>

namespace roda::dpdk {

namespace {

constexpr std::uint32_t section_header = 0x0a0d0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;

constexpr std::uint16_t option_end = 0;
constexpr std::uint16_t option_comment = 1;
constexpr std::uint16_t option_program = 4;          // of a section
constexpr std::uint16_t option_name = 2;             // of an interface
constexpr std::uint16_t option_time_resolution = 9;  // of an interface

constexpr std::uint16_t link_type_ethernet = 1;
constexpr std::byte nanoseconds{9};  // 10^-9

constexpr std::size_t length_bytes = sizeof(std::uint32_t);

std::span<const std::byte> bytes_of(std::string_view text) {
    // An option's length has 16 bits.
    constexpr std::size_t longest = 1024;
    return std::as_bytes(std::span(text.substr(0, longest)));
}

}  // namespace

template <typename Number>
void PcapngBlocks::add(Number number) {
    const auto bytes = std::as_bytes(std::span(&number, 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void PcapngBlocks::pad() {
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
}

std::size_t PcapngBlocks::open_block(std::uint32_t type) {
    const std::size_t at = bytes_.size();
    add(type);
    add(std::uint32_t{0});  // its length: close_block()
    return at;
}

void PcapngBlocks::close_block(std::size_t at) {
    const auto length = static_cast<std::uint32_t>(bytes_.size() - at + length_bytes);
    std::memcpy(bytes_.data() + at + sizeof(std::uint32_t), &length, sizeof length);
    add(length);
}

void PcapngBlocks::add_option(std::uint16_t code, std::span<const std::byte> value) {
    add(code);
    add(static_cast<std::uint16_t>(value.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    pad();
}

void PcapngBlocks::end_options() {
    add_option(option_end, {});
}

void PcapngBlocks::begin(std::string_view program, std::string_view comment) {
    constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
    constexpr std::uint16_t major = 1;
    constexpr std::uint16_t minor = 0;
    constexpr auto unknown_length = std::numeric_limits<std::uint64_t>::max();
    const std::size_t at = open_block(section_header);
    add(byte_order_magic);
    add(major);
    add(minor);
    add(unknown_length);
    if (!comment.empty()) {
        add_option(option_comment, bytes_of(comment));
    }
    add_option(option_program, bytes_of(program));
    end_options();
    close_block(at);
}

void PcapngBlocks::add_interface(std::string_view name) {
    constexpr std::uint16_t reserved = 0;
    constexpr std::uint32_t no_snapshot_limit = 0;
    const std::size_t at = open_block(interface_description);
    add(link_type_ethernet);
    add(reserved);
    add(no_snapshot_limit);
    add_option(option_name, bytes_of(name));
    add_option(option_time_resolution, {&nanoseconds, 1});
    end_options();
    close_block(at);
}

void PcapngBlocks::add_frame(std::uint32_t interface,
                             std::uint64_t time_ns,
                             std::uint32_t wire_bytes,
                             std::span<const std::span<const std::byte>> parts) {
    const std::size_t at = open_block(enhanced_packet);
    add(interface);
    add(static_cast<std::uint32_t>(time_ns >> 32));
    add(static_cast<std::uint32_t>(time_ns));
    const std::size_t captured_at = bytes_.size();
    add(std::uint32_t{0});
    add(wire_bytes);
    const std::size_t frame_at = bytes_.size();
    for (const auto& part : parts) {
        bytes_.insert(bytes_.end(), part.begin(), part.end());
    }
    const auto captured = static_cast<std::uint32_t>(bytes_.size() - frame_at);
    std::memcpy(bytes_.data() + captured_at, &captured, sizeof captured);
    pad();
    close_block(at);
}

}  // namespace roda::dpdk
