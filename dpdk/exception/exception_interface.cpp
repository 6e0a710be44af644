// SPDX-License-Identifier: Apache-2.0
#include "dpdk/exception/exception_interface.hpp"

#include <pthread.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "dpdk/device/pool.hpp"
#include "dpdk/exception/complete_checksum.hpp"
#include "dpdk/exception/tap_interface.hpp"
#include "pipeline/base/cache_line.hpp"
#include "pipeline/base/error.hpp"

namespace roda::dpdk {

namespace {

constexpr std::uint32_t frames_under_way = 256;  // on each line
constexpr unsigned burst = 32;
constexpr std::size_t shortest_frame_bytes = 60;

struct RingFree {
    void operator()(rte_ring* ring) const noexcept { rte_ring_free(ring); }
};

/// Frames on their way from one thread to another: its buffers, and the ring they lie in.
struct Line {
    detail::Pool pool;
    std::unique_ptr<rte_ring, RingFree> ring;

    Line(const std::string& name, std::uint16_t frame_bytes, int socket)
        : pool(detail::make_pool({name, frames_under_way, frame_bytes, socket})),
          // Exactly: otherwise a ring of 256 has room for 255.
          ring(rte_ring_create(name.c_str(),
                               frames_under_way,
                               socket,
                               RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ)) {
        if (ring == nullptr) {
            throw StartupError(std::string("no ring for frames: ") + rte_strerror(rte_errno),
                               name,
                               "raise memory_mb");
        }
    }

    ~Line() {
        if (ring == nullptr) {
            return;
        }
        std::array<rte_mbuf*, burst> left;
        while (const unsigned count = take(left)) {
            rte_pktmbuf_free_bulk(left.data(), count);
        }
    }

    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    unsigned take(std::span<rte_mbuf*> frames) noexcept {
        return rte_ring_sc_dequeue_burst(ring.get(),
                                         reinterpret_cast<void**>(frames.data()),
                                         static_cast<unsigned>(frames.size()),
                                         nullptr);
    }

    /// There is always room: a line has as many buffers as places.
    void put(rte_mbuf* mbuf) noexcept { rte_ring_sp_enqueue(ring.get(), mbuf); }
};

/// One writer, so no locked addition is needed. Relaxed: it orders nothing.
class Counter {
  public:
    void add(std::uint64_t count) noexcept {
        value_.store(value() + count, std::memory_order_relaxed);
    }

    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

std::span<std::byte> room_of(rte_mbuf& mbuf) noexcept {
    return {rte_pktmbuf_mtod(&mbuf, std::byte*), rte_pktmbuf_tailroom(&mbuf)};
}

void set_length(rte_mbuf& mbuf, std::size_t bytes) noexcept {
    mbuf.data_len = static_cast<std::uint16_t>(bytes);
    mbuf.pkt_len = static_cast<std::uint32_t>(bytes);
}

}  // namespace

struct ExceptionInterface::Lines {
    /// From one queue's worker to the kernel.
    struct Diverted {
        Line line;
        alignas(contention_block_bytes) Counter taken;  // the worker's
        Counter no_room;
    };

    explicit Lines(const ExceptionOptions& options)
        : tap(options.name, options.mac, options.mtu),
          sent("roda_exc_tx_" + std::to_string(options.port_id),
               detail::frame_bytes_for(options.mtu),
               options.socket) {
        const std::string name = "roda_exc_rx_" + std::to_string(options.port_id) + '_';
        for (std::size_t queue = 0; queue < options.queues; ++queue) {
            diverted.push_back(
                std::unique_ptr<Diverted>(new Diverted{{name + std::to_string(queue),
                                                        detail::frame_bytes_for(options.mtu),
                                                        options.socket},
                                                       {},
                                                       {}}));
        }
    }

    TapInterface tap;
    std::vector<std::unique_ptr<Diverted>> diverted;
    Line sent;
    alignas(contention_block_bytes) Counter delivered;  // the service thread's
    Counter rejected;
    alignas(contention_block_bytes) Counter transmitted;  // the transmitting worker's
    Counter refused;
};

ExceptionInterface::ExceptionInterface(const ExceptionOptions& options)
    : lines_(std::make_unique<Lines>(options)), service_([this] { serve(); }) {}

ExceptionInterface::~ExceptionInterface() {
    stopping_.store(true, std::memory_order_relaxed);
    service_.join();
}

bool ExceptionInterface::divert(std::size_t queue, const proto::FrameView& frame) noexcept {
    Lines::Diverted& way = *lines_->diverted[queue];
    rte_mbuf* const mbuf = rte_pktmbuf_alloc(way.line.pool.get());
    const bool fits = mbuf != nullptr && frame.bytes.size() <= rte_pktmbuf_tailroom(mbuf);
    if (!fits) {
        rte_pktmbuf_free(mbuf);
        way.no_room.add(1);
        return false;
    }
    std::ranges::copy(frame.bytes, room_of(*mbuf).begin());
    set_length(*mbuf, frame.bytes.size());
    // Vouched for, be it because its sender left the checksum to us.
    mbuf->ol_flags =
        frame.checksum == proto::ChecksumVerdict::good ? RTE_MBUF_F_RX_L4_CKSUM_GOOD : 0;
    way.taken.add(1);
    way.line.put(mbuf);
    return true;
}

std::size_t ExceptionInterface::take_sent(std::span<rte_mbuf*> frames) noexcept {
    return lines_->sent.take(frames);
}

void ExceptionInterface::count_sent(bool taken) noexcept {
    (taken ? lines_->transmitted : lines_->refused).add(1);
}

ExceptionCounters ExceptionInterface::counters() const noexcept {
    ExceptionCounters counters{
        .delivered = lines_->delivered.value(),
        .rejected = lines_->rejected.value(),
        .sent = lines_->transmitted.value(),
        .unsent = lines_->refused.value(),
    };
    for (const auto& way : lines_->diverted) {
        counters.diverted += way->taken.value();
        counters.no_room += way->no_room.value();
    }
    return counters;
}

/// Rings do not wake anybody, for that would be a system call of the worker's: so they are looked
/// at once in a while, often while there is traffic.
void ExceptionInterface::serve() noexcept {
    constexpr std::uint32_t busy_us = 50;
    constexpr std::uint32_t idle_us = 1'000;
    constexpr int turns_after_traffic = 200;
    ::pthread_setname_np(::pthread_self(), "rd:exception");
    int turns = 0;
    while (!stopping_.load(std::memory_order_relaxed)) {
        const bool diverted = serve_diverted();
        const bool sent = serve_sent();
        turns = diverted || sent ? turns_after_traffic : std::max(turns - 1, 0);
        const std::uint32_t patience_us = turns != 0 ? busy_us : idle_us;
        // An interface that is down says that it can be read, and has nothing.
        if (!diverted && !sent && lines_->tap.wait(patience_us) && !serve_sent()) {
            std::this_thread::sleep_for(std::chrono::microseconds(patience_us));
        }
    }
}

bool ExceptionInterface::serve_diverted() noexcept {
    std::array<rte_mbuf*, burst> frames;
    bool any = false;
    for (const auto& way : lines_->diverted) {
        const unsigned count = way->line.take(frames);
        for (rte_mbuf* const mbuf : std::span(frames).first(count)) {
            const std::span<std::byte> bytes(rte_pktmbuf_mtod(mbuf, std::byte*), mbuf->data_len);
            if (mbuf->ol_flags != 0) {
                complete_checksum(bytes);
            }
            (lines_->tap.write(bytes) ? lines_->delivered : lines_->rejected).add(1);
        }
        rte_pktmbuf_free_bulk(frames.data(), count);
        any = any || count != 0;
    }
    return any;
}

/// Takes no more than there are buffers: the rest waits in the kernel's queue, which drops by its
/// own rules.
bool ExceptionInterface::serve_sent() noexcept {
    for (unsigned count = 0; count < burst; ++count) {
        rte_mbuf* const mbuf = rte_pktmbuf_alloc(lines_->sent.pool.get());
        if (mbuf == nullptr) {
            return count != 0;
        }
        const std::span<std::byte> room = room_of(*mbuf);
        const std::size_t bytes = lines_->tap.read(room);
        if (bytes == 0) {
            rte_pktmbuf_free(mbuf);
            return count != 0;
        }
        if (bytes < shortest_frame_bytes) {
            std::ranges::fill(room.subspan(bytes, shortest_frame_bytes - bytes), std::byte{0});
        }
        set_length(*mbuf, std::max(bytes, shortest_frame_bytes));
        lines_->sent.put(mbuf);
    }
    return true;
}

}  // namespace roda::dpdk
