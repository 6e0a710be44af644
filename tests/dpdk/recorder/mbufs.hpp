// SPDX-License-Identifier: Apache-2.0
// A pool for tests of the flight recorder, and frames out of it that tell their number.
#pragma once

#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "dpdk/device/pool.hpp"
#include "dpdk/recorder/frame_ring.hpp"
#include "tests/dpdk/eal_environment.hpp"

namespace roda::dpdk::test {

inline constexpr std::size_t frame_bytes = 64;

/// Frame N says N all over, and came at N nanoseconds.
inline std::array<std::byte, frame_bytes> content(std::uint64_t number) {
    std::array<std::byte, frame_bytes> bytes{};
    for (std::size_t at = 0; at < frame_bytes; at += sizeof number) {
        std::memcpy(bytes.data() + at, &number, sizeof number);
    }
    return bytes;
}

class MbufPool {
  public:
    explicit MbufPool(std::uint32_t buffers) : buffers_(buffers) {
        EalEnvironment::eal();
        static int pools = 0;
        pool_ = detail::make_pool({"recorder_test" + std::to_string(pools++), buffers, 2048, -1});
    }

    /// Null: none is left. Thread: one.
    rte_mbuf* frame(std::uint64_t number) {
        rte_mbuf* const mbuf = rte_pktmbuf_alloc(pool_.get());
        if (mbuf != nullptr) {
            const auto bytes = content(number);
            std::copy(bytes.begin(),
                      bytes.end(),
                      reinterpret_cast<std::byte*>(rte_pktmbuf_append(mbuf, frame_bytes)));
        }
        return mbuf;
    }

    /// One frame in two buffers.
    rte_mbuf* long_frame(std::uint64_t first, std::uint64_t second) {
        rte_mbuf* const mbuf = frame(first);
        rte_pktmbuf_chain(mbuf, frame(second));
        return mbuf;
    }

    std::uint32_t out() const { return buffers_ - rte_mempool_avail_count(pool_.get()); }

  private:
    std::uint32_t buffers_;
    detail::Pool pool_;
};

inline std::vector<std::uint64_t> numbers(const FrameRing& ring) {
    std::vector<std::uint64_t> result;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        std::uint64_t number = 0;
        std::memcpy(&number, rte_pktmbuf_mtod(ring[i].mbuf, const void*), sizeof number);
        result.push_back(number == ring[i].receive_ns ? number : ~std::uint64_t{0});
    }
    return result;
}

}  // namespace roda::dpdk::test
