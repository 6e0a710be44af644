// SPDX-License-Identifier: Apache-2.0
#include "appliance/ingest/capture_source.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "appliance/ingest/frame_source.hpp"
#include "appliance/ingest/pcapng_capture.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

static_assert(FrameSource<CaptureSource>);

constexpr std::size_t file_header_bytes = 24;
constexpr std::size_t record_header_bytes = 16;
constexpr std::uint32_t magic_us = 0xa1b2c3d4;
constexpr std::uint32_t magic_ns = 0xa1b23c4d;
constexpr std::uint32_t link_type_mask = 0x03ff'ffff;  // above it: what a frame's end looks like

std::vector<std::byte> read_file(const std::string& path) {
    std::error_code fault;
    const std::uintmax_t bytes = std::filesystem::file_size(path, fault);
    std::vector<std::byte> content;
    if (!fault) {
        content.resize(bytes);
        errno = 0;
        std::ifstream file(path, std::ios::binary);
        const auto size = static_cast<std::streamsize>(bytes);
        if (!file.read(reinterpret_cast<char*>(content.data()), size)) {
            fault = {errno != 0 ? errno : EIO, std::generic_category()};
        }
    }
    if (fault) {
        throw StartupError("cannot read the capture: " + fault.message(),
                           path,
                           "give the path of a readable pcap or pcapng file");
    }
    return content;
}

struct Format {
    bool big_endian = false;
    bool nanoseconds = false;
    std::uint32_t kept_bytes = max_captured_bytes;  // of each frame
};

Format read_format(std::span<const std::byte> file, const std::string& path) {
    const std::uint32_t magic = file.size() >= 4 ? load_u32(file, 0, false) : 0;
    Format format;
    const std::uint32_t swapped = file.size() >= 4 ? load_u32(file, 0, true) : 0;
    format.big_endian = swapped == magic_us || swapped == magic_ns;
    format.nanoseconds = magic == magic_ns || swapped == magic_ns;
    const bool known = format.big_endian || magic == magic_us || magic == magic_ns;
    if (!known || file.size() < file_header_bytes) {
        throw StartupError("not a pcap file", path, "record one: tcpdump -i INTERFACE -w FILE");
    }
    const std::uint32_t link_type = load_u32(file, 20, format.big_endian) & link_type_mask;
    if (link_type != link_type_ethernet) {
        throw StartupError("link type " + std::to_string(link_type) + " is not Ethernet",
                           path,
                           "record on an Ethernet interface, not on `any`");
    }
    // A snapshot length that records exceed cuts them, as libpcap does; 0 stands for no limit.
    const std::uint32_t snapshot = load_u32(file, 16, format.big_endian);
    if (snapshot != 0) {
        format.kept_bytes = std::min(snapshot, max_captured_bytes);
    }
    return format;
}

CapturedFrames read_pcap(std::span<const std::byte> file, const std::string& path) {
    const Format format = read_format(file, path);
    CapturedFrames captured;
    std::span<const std::byte> rest = file.subspan(file_header_bytes);
    while (!rest.empty()) {
        if (rest.size() < record_header_bytes) {
            captured.truncated = true;
            break;
        }
        const std::uint64_t seconds = load_u32(rest, 0, format.big_endian);
        const std::uint64_t fraction = load_u32(rest, 4, format.big_endian);
        const std::size_t captured_bytes = load_u32(rest, 8, format.big_endian);
        rest = rest.subspan(record_header_bytes);
        if (captured_bytes > rest.size() || captured_bytes > max_captured_bytes) {
            captured.truncated = true;
            break;
        }
        const std::uint64_t fraction_us = format.nanoseconds ? fraction / 1000 : fraction;
        captured.add(rest.first(std::min<std::size_t>(captured_bytes, format.kept_bytes)),
                     seconds * 1'000'000 + fraction_us);
        rest = rest.subspan(captured_bytes);
    }
    return captured;
}

bool is_pcapng(std::span<const std::byte> file) {
    return file.size() >= 4 && load_u32(file, 0, false) == magic_pcapng;
}

}  // namespace

CaptureSource::CaptureSource(const std::string& path, const dpdk::ReassemblyOptions& reassembly)
    : file_(read_file(path)),
      captured_(is_pcapng(file_) ? read_pcapng(file_, path) : read_pcap(file_, path)),
      reassembly_(reassembly) {}

std::size_t CaptureSource::poll(std::span<proto::FrameView> frames) noexcept {
    const std::size_t count =
        std::min({frames.size(), burst_frames, captured_.frames.size() - next_});
    std::copy_n(
        captured_.frames.begin() + static_cast<std::ptrdiff_t>(next_), count, frames.begin());
    next_ += count;
    return count;
}

}  // namespace roda::appliance
