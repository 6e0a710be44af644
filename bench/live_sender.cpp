// SPDX-License-Identifier: Apache-2.0
#include "bench/live_sender.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include "appliance/simulator/pacer.hpp"
#include "bench/live_wire.hpp"
#include "bench/machine.hpp"
#include "pipeline/base/check.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"

namespace roda::bench {
namespace {

struct Order {
    Load load;
    std::uint32_t boot_id = 0;
    std::array<char, 16> address{};
};

/// The payloads of all frames one behind the other, as one send() of many wants them.
class Payloads {
  public:
    explicit Payloads(const Frames& frames)
        : bytes_(frames.datagram(0).size()),
          count_(frames.size()),
          readings_(frames.readings_per_frame()),
          lap_ns_(frames.span_ns()),
          memory_(count_ * bytes_),
          laps_(count_) {
        check(count_ % LiveSender::datagrams_at_once == 0, "frames fill whole sends");
        for (std::size_t i = 0; i < count_; ++i) {
            const std::span<const std::byte> datagram = frames.datagram(i);
            check(datagram.size() == bytes_, "datagrams are equally long");
            std::memcpy(memory_.data() + i * bytes_, datagram.data(), bytes_);
        }
    }

    std::size_t bytes() const noexcept { return bytes_; }

    /// Datagrams `first` to `first + count` of an endless run, numbered and timed as such; runs
    /// come one after the other.
    std::span<const std::byte> numbered(std::uint64_t first,
                                        std::size_t count,
                                        std::uint32_t boot_id) noexcept {
        lap_ += first % count_ == 0 ? 1 : 0;
        std::byte* const begin = memory_.data() + first % count_ * bytes_;
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t sequence = 1 + (first + i) / devices;
            std::byte* const datagram = begin + i * bytes_;
            std::memcpy(datagram + boot_id_at, &boot_id, sizeof(boot_id));
            std::memcpy(datagram + sequence_at, &sequence, sizeof(sequence));
            const std::uint32_t behind = lap_ - std::exchange(laps_[first % count_ + i], lap_);
            Frames::move_times({datagram, bytes_}, readings_, behind * lap_ns_);
        }
        return {begin, count * bytes_};
    }

  private:
    // Frames: 64 devices in turn; the encoder's fields with their tags: device_id, boot_id,
    // sequence.
    static constexpr std::uint64_t devices = 64;
    static constexpr std::size_t boot_id_at = 9 + 1;
    static constexpr std::size_t sequence_at = 9 + 5 + 1;

    std::size_t bytes_;
    std::size_t count_;
    std::size_t readings_;  // of a datagram
    std::uint64_t lap_ns_;  // once around
    Array<std::byte> memory_;
    std::vector<std::uint32_t> laps_;  // to which each datagram is timed
    std::uint32_t lap_ = 0;
};

class GatewayProcess {
  public:
    GatewayProcess(const Frames& frames, int orders) : payloads_(frames), orders_(orders) {}

    /// Until the other end closes.
    void serve() {
        Order order;
        while (::recv(orders_, &order, sizeof(order), 0) == sizeof(order)) {
            const Sent sent = send(order);
            ::send(orders_, &sent, sizeof(sent), MSG_NOSIGNAL);
        }
    }

  private:
    Sent send(const Order& order) {
        constexpr std::uint64_t sends_at_once = 4;
        const int socket = connected(order.address.data());
        const std::uint64_t began_ns = monotonic_now_ns();
        const double sends_per_second =
            order.load.datagrams_per_second / LiveSender::datagrams_at_once;
        appliance::Pacer pacer(sends_per_second, began_ns, sends_at_once);
        Sent sent;
        while (sent.datagrams < order.load.datagrams) {
            const std::uint64_t now_ns = monotonic_now_ns();
            const std::uint64_t due = pacer.due(now_ns);
            for (std::uint64_t i = 0; i < due; ++i) {
                const std::span<const std::byte> bytes = payloads_.numbered(
                    sent.datagrams, LiveSender::datagrams_at_once, order.boot_id);
                if (::send(socket, bytes.data(), bytes.size(), 0) < 0) {
                    throw StartupError(std::strerror(errno), "sender", "UDP_SEGMENT: Linux 4.18");
                }
                sent.datagrams += LiveSender::datagrams_at_once;
            }
            pacer.sent(due, now_ns);
            if (due == 0) {
                __builtin_ia32_pause();
            }
        }
        sent.took_ns = monotonic_now_ns() - began_ns;
        ::close(socket);
        return sent;
    }

    int connected(const char* address) const {
        const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(ingest_port);
        ::inet_pton(AF_INET, address, &to.sin_addr);
        const int segment_bytes = static_cast<int>(payloads_.bytes());
        const void* const untyped = &to;
        if (socket < 0 ||
            ::connect(socket, static_cast<const sockaddr*>(untyped), sizeof(to)) != 0 ||
            ::setsockopt(socket, SOL_UDP, UDP_SEGMENT, &segment_bytes, sizeof(segment_bytes)) !=
                0) {
            throw StartupError(std::strerror(errno), "sender", "UDP_SEGMENT: Linux 4.18");
        }
        return socket;
    }

    Payloads payloads_;
    int orders_;
};

[[noreturn]] void be_the_gateways(const Frames& frames, std::uint32_t core, int orders) {
    try {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        pin_this_thread(core);
        enter_network_of_its_own();
        GatewayProcess gateways(frames, orders);
        const Sent ready;
        ::send(orders, &ready, sizeof(ready), MSG_NOSIGNAL);
        gateways.serve();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(0);  // nothing of the maker's is to be torn down twice
}

}  // namespace

LiveSender::LiveSender(const Frames& frames, std::uint32_t core) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw StartupError(std::strerror(errno), "sender", "");
    }
    std::fflush(nullptr);
    process_ = ::fork();
    if (process_ == 0) {
        ::close(ends[0]);
        be_the_gateways(frames, core, ends[1]);
    }
    ::close(ends[1]);
    orders_ = ends[0];
    Sent ready;
    if (process_ < 0 || ::recv(orders_, &ready, sizeof(ready), 0) != sizeof(ready)) {
        throw StartupError("does not start", "sender", "");
    }
}

LiveSender::~LiveSender() {
    ::close(orders_);
    ::waitpid(process_, nullptr, 0);
}

void LiveSender::begin(const Load& load, const std::string& address) {
    Order order{.load = load, .boot_id = ++boot_id_};
    address.copy(order.address.data(), order.address.size() - 1);
    if (::send(orders_, &order, sizeof(order), MSG_NOSIGNAL) != sizeof(order)) {
        throw StartupError("has ended", "sender", "");
    }
}

std::optional<Sent> LiveSender::finished() {
    Sent sent;
    const ssize_t bytes = ::recv(orders_, &sent, sizeof(sent), MSG_DONTWAIT);
    if (bytes == sizeof(sent)) {
        return sent;
    }
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) {
        return std::nullopt;
    }
    throw StartupError("has ended", "sender", "");
}

}  // namespace roda::bench
