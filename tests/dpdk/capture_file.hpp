// SPDX-License-Identifier: Apache-2.0
// Writes and reads the classic pcap format, enough for tests: microseconds, host byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <vector>

namespace roda::dpdk::test {

struct CapturedFrame {
    std::uint32_t seconds = 0;
    std::uint32_t microseconds = 0;
    std::vector<std::byte> bytes;
};

template <typename Header>
void write_header(std::ofstream& file, const Header& header) {
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
}

struct CaptureHeader {
    std::uint32_t magic = 0xa1b2c3d4;
    std::uint16_t major = 2;
    std::uint16_t minor = 4;
    std::uint32_t zone = 0;
    std::uint32_t accuracy = 0;
    std::uint32_t most_bytes = 65535;
    std::uint32_t link_type = 1;  // Ethernet
};

struct RecordHeader {
    std::uint32_t seconds = 0;
    std::uint32_t microseconds = 0;
    std::uint32_t captured_bytes = 0;
    std::uint32_t wire_bytes = 0;
};

inline void write_capture(const std::filesystem::path& path,
                          const std::vector<CapturedFrame>& frames) {
    std::ofstream file(path, std::ios::binary);
    write_header(file, CaptureHeader{});
    for (const auto& frame : frames) {
        const auto bytes = static_cast<std::uint32_t>(frame.bytes.size());
        write_header(file, RecordHeader{frame.seconds, frame.microseconds, bytes, bytes});
        file.write(reinterpret_cast<const char*>(frame.bytes.data()), bytes);
    }
}

inline std::vector<std::vector<std::byte>> read_capture(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    file.seekg(sizeof(CaptureHeader));
    std::vector<std::vector<std::byte>> frames;
    RecordHeader record;
    while (file.read(reinterpret_cast<char*>(&record), sizeof record)) {
        auto& frame = frames.emplace_back(record.captured_bytes);
        file.read(reinterpret_cast<char*>(frame.data()), record.captured_bytes);
    }
    return frames;
}

}  // namespace roda::dpdk::test
