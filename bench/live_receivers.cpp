// SPDX-License-Identifier: Apache-2.0
#include "bench/live_receivers.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "bench/appliance_runs.hpp"
#include "bench/kernel_program.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/engine/idle.hpp"

namespace roda::bench {
namespace {

void set(int socket, int level, int option, int value) {
    if (::setsockopt(socket, level, option, &value, sizeof(value)) != 0) {
        throw StartupError(std::strerror(errno), "socket option " + std::to_string(option), "");
    }
}

class KernelReceiver final : public LiveReceiver {
  public:
    KernelReceiver(const appliance::Config& config, const Link& link)
        : program_(config), memory_(messages * message_bytes) {
        for (std::size_t i = 0; i < messages; ++i) {
            vectors_[i] = {memory_.data() + i * message_bytes, message_bytes};
            headers_[i].msg_hdr.msg_iov = &vectors_[i];
            headers_[i].msg_hdr.msg_iovlen = 1;
        }
        socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const timeval patience{.tv_sec = 0, .tv_usec = 1000};
        set(socket_, SOL_SOCKET, SO_REUSEPORT, 1);
        set(socket_, SOL_SOCKET, SO_RCVBUF, receive_buffer_bytes);
        set(socket_, SOL_UDP, UDP_GRO, 1);
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_port = htons(ingest_port);
        ::inet_pton(AF_INET, link.receiver_text().c_str(), &here.sin_addr);
        const void* const untyped = &here;
        if (::bind(socket_, static_cast<const sockaddr*>(untyped), sizeof(here)) != 0) {
            throw StartupError(std::strerror(errno), "UDP " + link.receiver_text(), "");
        }
    }

    ~KernelReceiver() override { ::close(socket_); }

    KernelReceiver(const KernelReceiver&) = delete;
    KernelReceiver& operator=(const KernelReceiver&) = delete;

    std::size_t turn() override {
        for (std::size_t i = 0; i < messages; ++i) {
            headers_[i].msg_hdr.msg_control = controls_[i].data();
            headers_[i].msg_hdr.msg_controllen = controls_[i].size();
        }
        const int count =
            ::recvmmsg(socket_, headers_.data(), messages, MSG_WAITFORONE, /*timeout=*/nullptr);
        for (int i = 0; i < count; ++i) {
            take(static_cast<std::size_t>(i));
        }
        return static_cast<std::size_t>(std::max(count, 0));
    }

    Received received() const override {
        return {program_.datagrams(), program_.readings(), program_.missing()};
    }

    std::uint64_t alerts() const override { return program_.digest(); }

  private:
    static constexpr std::size_t messages = 32;
    static constexpr std::size_t message_bytes = 65'536;  // what GRO joins at most
    static constexpr int receive_buffer_bytes = 4 << 20;  // the kernel counts twice as much

    using Control = std::array<char, CMSG_SPACE(sizeof(int))>;

    /// One datagram, or several equally long ones that the kernel has joined.
    void take(std::size_t i) {
        msghdr& header = headers_[i].msg_hdr;
        std::size_t each = headers_[i].msg_len;
        for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
             control = CMSG_NXTHDR(&header, control)) {
            if (control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
                int bytes = 0;
                std::memcpy(&bytes, CMSG_DATA(control), sizeof(bytes));
                each = static_cast<std::size_t>(bytes);
            }
        }
        const std::span<const std::byte> all(memory_.data() + i * message_bytes,
                                             headers_[i].msg_len);
        for (std::size_t at = 0; at < all.size(); at += each) {
            program_.take(all.subspan(at, std::min(each, all.size() - at)));
        }
    }

    KernelProgram<ReusedMessageParser, OneMap> program_;
    int socket_ = -1;
    std::vector<std::byte> memory_;
    std::array<iovec, messages> vectors_{};
    std::array<mmsghdr, messages> headers_{};
    alignas(cmsghdr) std::array<Control, messages> controls_{};
};

class RodaReceiver final : public LiveReceiver {
  public:
    RodaReceiver(const appliance::Config& config, dpdk::RxQueue& queue)
        : followed_(config),
          shard_(config, queue, followed_.lane(), appliance::EmitClock::wall) {}

    std::size_t turn() override {
        const std::size_t work = shard_.step();
        if (work == 0) {
            idle_.wait();
        } else {
            idle_.reset();
            followed_.read_all();
        }
        return work;
    }

    Received received() const override {
        const appliance::IngestLedger ledger = shard_.ingest_ledger();
        return {ledger.datagrams_accepted, ledger.readings_received, ledger.datagrams_lost};
    }

    std::uint64_t alerts() const override { return followed_.value(); }

  private:
    FollowedLane followed_;
    appliance::Shard<dpdk::RxQueue> shard_;
    Idle idle_;
};

}  // namespace

std::unique_ptr<LiveReceiver> kernel_receiver(const appliance::Config& config, const Link& link) {
    return std::make_unique<KernelReceiver>(config, link);
}

std::unique_ptr<LiveReceiver> roda_receiver(const appliance::Config& config, dpdk::RxQueue& queue) {
    return std::make_unique<RodaReceiver>(config, queue);
}

}  // namespace roda::bench
