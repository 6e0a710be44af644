// SPDX-License-Identifier: Apache-2.0
#include "appliance/ingest/pcapng_capture.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "pipeline/base/error.hpp"

namespace roda::appliance {

namespace {

constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::size_t frame_bytes_of_block = 12;  // type and length before, length behind
constexpr std::size_t section_bytes = 16;         // magic, version, length of the section
constexpr std::size_t interface_bytes = 8;        // link type, reserved, snapshot length
constexpr std::size_t packet_bytes = 20;          // interface, time, captured, original length

struct Interface {
    std::uint32_t link_type = 0;
    std::uint64_t ticks_a_second = 1'000'000;
    std::uint64_t offset_seconds = 0;
    std::uint32_t kept_bytes = max_captured_bytes;  // of each frame
};

[[noreturn]] void refuse(const std::string& what, const std::string& path) {
    throw StartupError(what, path, "open it in Wireshark and save it as pcap");
}

/// Reads block by block; a section may have another byte order than the one before.
class Reader {
  public:
    Reader(std::span<const std::byte> file, const std::string& path) : rest_(file), path_(path) {}

    CapturedFrames read() {
        if (rest_.size() < frame_bytes_of_block + section_bytes) {
            refuse("not a pcap file, nor a pcapng file", path_);
        }
        while (!rest_.empty()) {
            if (!read_block()) {
                captured_.truncated = true;
                break;
            }
        }
        return std::move(captured_);
    }

  private:
    /// False: the file ends inside of it.
    bool read_block() {
        if (rest_.size() < frame_bytes_of_block) {
            return false;
        }
        const std::uint32_t type = u32(rest_, 0);
        if (type == magic_pcapng) {
            find_byte_order();
        }
        const std::size_t bytes = u32(rest_, 4);
        if (bytes < frame_bytes_of_block || bytes % 4 != 0) {
            refuse("a block of " + std::to_string(bytes) + " bytes is no pcapng", path_);
        }
        if (bytes > rest_.size()) {
            return false;
        }
        const auto body = rest_.subspan(8, bytes - frame_bytes_of_block);
        rest_ = rest_.subspan(bytes);
        if (type == magic_pcapng) {
            begin_section(body);
        } else if (type == interface_description) {
            add_interface(body);
        } else if (type == enhanced_packet) {
            add_frame(body);
        }
        return true;
    }

    void find_byte_order() {
        constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
        for (const bool big_endian : {false, true}) {
            if (load_u32(rest_, 8, big_endian) == byte_order_magic) {
                big_endian_ = big_endian;
                return;
            }
        }
        refuse("not a pcap file, nor a pcapng file", path_);
    }

    void begin_section(std::span<const std::byte> body) {
        need(body, section_bytes);
        if (const auto major = load_u16(body, 4, big_endian_); major != 1) {
            refuse("pcapng of version " + std::to_string(major) + " is not known", path_);
        }
        interfaces_.clear();
    }

    void add_interface(std::span<const std::byte> body) {
        need(body, interface_bytes);
        Interface interface;
        interface.link_type = load_u16(body, 0, big_endian_);
        if (const std::uint32_t snapshot = u32(body, 4); snapshot != 0) {
            interface.kept_bytes = std::min(snapshot, max_captured_bytes);
        }
        read_options(body.subspan(interface_bytes), interface);
        interfaces_.push_back(interface);
    }

    void read_options(std::span<const std::byte> options, Interface& interface) const {
        constexpr std::uint16_t end = 0;
        constexpr std::uint16_t resolution = 9;
        constexpr std::uint16_t offset = 14;
        while (options.size() >= 4) {
            const auto code = load_u16(options, 0, big_endian_);
            const std::size_t bytes = load_u16(options, 2, big_endian_);
            const std::size_t padded = (bytes + 3) / 4 * 4;
            options = options.subspan(4);
            if (code == end || padded > options.size()) {
                return;
            }
            if (code == resolution && bytes == 1) {
                interface.ticks_a_second = ticks_of(std::to_integer<unsigned>(options[0]));
            } else if (code == offset && bytes == 8) {
                const std::uint64_t high = u32(options, big_endian_ ? 0 : 4);
                interface.offset_seconds = high << 32 | u32(options, big_endian_ ? 4 : 0);
            }
            options = options.subspan(padded);
        }
    }

    /// A power of ten, or of two when the highest bit is set.
    std::uint64_t ticks_of(unsigned resolution) const {
        constexpr unsigned binary = 0x80;
        const unsigned exponent = resolution & ~binary;
        const bool is_binary = (resolution & binary) != 0;
        // Finer, and a second of ticks times a million is beyond 64 bits.
        if (exponent > (is_binary ? 40 : 12)) {
            refuse("its times are finer than a picosecond", path_);
        }
        std::uint64_t ticks = 1;
        for (unsigned i = 0; i < exponent; ++i) {
            ticks *= is_binary ? 2 : 10;
        }
        return ticks;
    }

    void add_frame(std::span<const std::byte> body) {
        need(body, packet_bytes);
        const std::uint32_t number = u32(body, 0);
        if (number >= interfaces_.size()) {
            refuse("a frame is of interface " + std::to_string(number) + ", which is not there",
                   path_);
        }
        const Interface& interface = interfaces_[number];
        if (interface.link_type != link_type_ethernet) {
            throw StartupError(
                "link type " + std::to_string(interface.link_type) + " is not Ethernet",
                path_,
                "record on an Ethernet interface, not on `any`");
        }
        const std::uint64_t ticks = std::uint64_t{u32(body, 4)} << 32 | u32(body, 8);
        const std::size_t captured = u32(body, 12);
        need(body.subspan(packet_bytes), captured);
        const std::uint64_t whole = ticks / interface.ticks_a_second + interface.offset_seconds;
        const std::uint64_t fraction = ticks % interface.ticks_a_second;
        captured_.add(
            body.subspan(packet_bytes, std::min<std::size_t>(captured, interface.kept_bytes)),
            whole * 1'000'000 + fraction * 1'000'000 / interface.ticks_a_second);
    }

    void need(std::span<const std::byte> body, std::size_t bytes) const {
        if (body.size() < bytes) {
            refuse("a block is shorter than what it should hold", path_);
        }
    }

    std::uint32_t u32(std::span<const std::byte> bytes, std::size_t at) const {
        return load_u32(bytes, at, big_endian_);
    }

    std::span<const std::byte> rest_;
    const std::string& path_;
    bool big_endian_ = false;
    std::vector<Interface> interfaces_;
    CapturedFrames captured_;
};

}  // namespace

CapturedFrames read_pcapng(std::span<const std::byte> file, const std::string& path) {
    return Reader(file, path).read();
}

}  // namespace roda::appliance
