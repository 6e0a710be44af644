// SPDX-License-Identifier: Apache-2.0
// Classic pcap files for tests, in both byte orders and both resolutions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

namespace roda::test {

struct CaptureFormat {
    bool big_endian = false;
    bool nanoseconds = false;
    std::uint32_t link_type = 1;  // Ethernet
    std::uint32_t snapshot_bytes = 65535;
};

class CaptureBuilder {
  public:
    explicit CaptureBuilder(const CaptureFormat& format = {}) : format_(format) {
        put(format.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4);
        put(2, 2);
        put(4, 2);
        put(0, 4);
        put(0, 4);
        put(format.snapshot_bytes, 4);
        put(format.link_type, 4);
    }

    /// `wire_bytes` 0: nothing was cut.
    CaptureBuilder& add(std::span<const std::byte> frame,
                        std::uint64_t time_ns,
                        std::size_t wire_bytes = 0) {
        const std::uint64_t fraction_ns = time_ns % 1'000'000'000;
        put(time_ns / 1'000'000'000, 4);
        put(format_.nanoseconds ? fraction_ns : fraction_ns / 1000, 4);
        put(frame.size(), 4);
        put(wire_bytes != 0 ? wire_bytes : frame.size(), 4);
        bytes_.insert(bytes_.end(), frame.begin(), frame.end());
        return *this;
    }

    const std::vector<std::byte>& bytes() const { return bytes_; }

    /// The file, without its last `missing` bytes.
    void write(const std::filesystem::path& path, std::size_t missing = 0) const {
        std::ofstream file(path, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes_.data()),
                   static_cast<std::streamsize>(bytes_.size() - missing));
    }

  private:
    void put(std::uint64_t value, int width) {
        for (int i = 0; i < width; ++i) {
            const int shift = 8 * (format_.big_endian ? width - 1 - i : i);
            bytes_.push_back(static_cast<std::byte>(value >> shift));
        }
    }

    CaptureFormat format_;
    std::vector<std::byte> bytes_;
};

}  // namespace roda::test
