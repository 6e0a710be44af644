// SPDX-License-Identifier: Apache-2.0
// UDP flows of the kernel with numbered datagrams, and what became of them at a port's queues.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "dpdk/network_namespace.hpp"
#include "dpdk/rx_queue.hpp"
#include "tests/dpdk/eal_environment.hpp"

namespace roda::dpdk::test {

/// What a datagram carries.
struct Tag {
    std::uint32_t magic = magic_of_ours;
    std::uint32_t flow = 0;
    std::uint64_t number = 0;

    static constexpr std::uint32_t magic_of_ours = 0x726f6461;
};

/// Sockets inside the tests' namespace, each with a port of its own.
class Flows {
  public:
    Flows(std::size_t count, const std::string& address) : sent_(count) {
        const NetworkNamespace scope(EalEnvironment::network());
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(17750);
        ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
        for (std::size_t i = 0; i < count; ++i) {
            sockets_.push_back(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
            ::connect(sockets_.back(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
        }
    }

    ~Flows() {
        for (const int socket : sockets_) {
            ::close(socket);
        }
    }

    Flows(const Flows&) = delete;
    Flows& operator=(const Flows&) = delete;

    /// The next datagram of a flow. False: the kernel did not take it; its number comes again.
    bool send(std::size_t flow) {
        const Tag tag{.flow = static_cast<std::uint32_t>(flow), .number = sent_[flow]};
        const bool taken = ::send(sockets_[flow], &tag, sizeof tag, 0) == sizeof tag;
        sent_[flow] += taken ? 1 : 0;
        return taken;
    }

    std::uint64_t sent() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t one : sent_) {
            sum += one;
        }
        return sum;
    }

    std::size_t count() const { return sockets_.size(); }

  private:
    std::vector<int> sockets_;
    std::vector<std::uint64_t> sent_;
};

/// Polls queues and takes the datagrams of Flows out; answers whatever else may ask.
///
/// Thread: one at a time for each queue; the figures are for when nobody polls.
class FlowPolls {
  public:
    bool poll(RxQueue& queue, std::size_t position) {
        std::array<proto::FrameView, burst_frames> frames;
        const std::size_t count = queue.poll(frames);
        {
            const std::scoped_lock lock(mutex_);
            for (const auto& frame : std::span(frames).first(count)) {
                take(frame.bytes, position);
            }
            frames_ += count;
        }
        for (const auto& frame : std::span(frames).first(count)) {
            queue.answer(frame);
        }
        queue.release();
        return count != 0;
    }

    std::uint64_t datagrams() const {
        const std::scoped_lock lock(mutex_);
        return datagrams_;
    }

    std::uint64_t frames() const { return frames_; }

    /// Datagrams that came before.
    std::uint64_t duplicates() const { return duplicates_; }

    /// Datagrams that came after a later one of their flow, as the kernel sends them when it has
    /// just learned a neighbour anew.
    std::uint64_t out_of_order() const { return out_of_order_; }

    /// For each flow the queues that it came to, as bits.
    const std::map<std::uint32_t, unsigned>& queues_of_flows() const { return queues_; }

  private:
    void take(std::span<const std::byte> frame, std::size_t position) {
        constexpr std::size_t headers = 14 + 20 + 8;
        Tag tag{.magic = 0};
        if (frame.size() < headers + sizeof tag) {
            return;
        }
        std::memcpy(&tag, frame.data() + headers, sizeof tag);
        if (tag.magic != Tag::magic_of_ours) {
            return;
        }
        ++datagrams_;
        duplicates_ += seen_[tag.flow].insert(tag.number).second ? 0 : 1;
        out_of_order_ += tag.number < *seen_[tag.flow].rbegin() ? 1 : 0;
        queues_[tag.flow] |= 1u << position;
    }

    mutable std::mutex mutex_;
    std::uint64_t frames_ = 0;
    std::uint64_t datagrams_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t out_of_order_ = 0;
    std::map<std::uint32_t, std::set<std::uint64_t>> seen_;  // numbers of each flow
    std::map<std::uint32_t, unsigned> queues_;
};

/// How many frames the kernel has handed to the device behind an interface of the namespace.
inline std::uint64_t frames_handed_out(const std::string& interface) {
    const NetworkNamespace scope(EalEnvironment::network());
    std::ifstream table("/proc/thread-self/net/dev");
    for (std::string word; table >> word;) {
        if (word == interface + ":") {
            std::uint64_t value = 0;
            for (int column = 0; column < 10; ++column) {  // the tenth: packets transmitted
                table >> value;
            }
            return value;
        }
    }
    return 0;
}

}  // namespace roda::dpdk::test
