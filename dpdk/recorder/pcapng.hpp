// SPDX-License-Identifier: Apache-2.0
// The blocks of a pcapng file, as bytes: pure, knows neither files nor DPDK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace roda::dpdk {

/// Appends one block after the other to a buffer, which the caller writes out and clears as it
/// likes: begin(), each interface, then frames.
///
/// Shape: one section in this host's byte order; Ethernet; times in nanoseconds.
/// Source: draft-ietf-opsawg-pcapng. rte_pcapng copies each frame into an mbuf of its own pool.
class PcapngBlocks {
  public:
    /// `comment` may be empty.
    void begin(std::string_view program, std::string_view comment);

    /// The first is number 0, and so on.
    void add_interface(std::string_view name);

    /// `parts` make up the frame, one behind the other. Units: Unix nanoseconds; bytes.
    void add_frame(std::uint32_t interface,
                   std::uint64_t time_ns,
                   std::uint32_t wire_bytes,
                   std::span<const std::span<const std::byte>> parts);

    std::span<const std::byte> bytes() const noexcept { return bytes_; }

    /// What was written out is forgotten.
    void clear() noexcept { bytes_.clear(); }

  private:
    std::size_t open_block(std::uint32_t type);
    void close_block(std::size_t at);
    void add_option(std::uint16_t code, std::span<const std::byte> value);
    void end_options();
    void pad();
    template <typename Number>
    void add(Number number);

    std::vector<std::byte> bytes_;
};

}  // namespace roda::dpdk
