// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/kernel_drops.hpp"

#include <dirent.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "pipeline/base/error.hpp"

namespace roda::dpdk::detail {

namespace {

struct LinkQuestion {
    nlmsghdr header;
    ifinfomsg link;
};

/// tx_dropped of one interface, by RTM_GETLINK.
class LinkDrops final : public KernelDrops {
  public:
    explicit LinkDrops(unsigned interface_index)
        : interface_index_(static_cast<int>(interface_index)),
          socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {}

    ~LinkDrops() override {
        if (socket_ >= 0) {
            ::close(socket_);
        }
    }

    LinkDrops(const LinkDrops&) = delete;
    LinkDrops& operator=(const LinkDrops&) = delete;

    /// Whether the interface answers; errno says why not.
    bool refresh() noexcept {
        const auto dropped = ask();
        total_ = dropped.value_or(total_);
        return dropped.has_value();
    }

    std::uint64_t total() noexcept override {
        refresh();
        return total_;
    }

  private:
    std::optional<std::uint64_t> ask() noexcept {
        LinkQuestion question{};
        question.header.nlmsg_len = sizeof question;
        question.header.nlmsg_type = RTM_GETLINK;
        question.header.nlmsg_flags = NLM_F_REQUEST;
        question.header.nlmsg_seq = ++sequence_;
        question.link.ifi_index = interface_index_;
        if (::send(socket_, &question, sizeof question, 0) < 0) {
            return std::nullopt;
        }
        // The kernel has answered before send() returns, so nothing is waited for. Answers to
        // earlier questions, left behind by a failure, are passed over.
        alignas(nlmsghdr) std::array<char, 16 * 1024> answer;
        while (true) {
            const auto length = ::recv(socket_, answer.data(), answer.size(), MSG_DONTWAIT);
            if (length < static_cast<ssize_t>(sizeof(nlmsghdr))) {
                return std::nullopt;
            }
            const auto* header = reinterpret_cast<const nlmsghdr*>(answer.data());
            if (header->nlmsg_seq == sequence_ && NLMSG_OK(header, static_cast<unsigned>(length))) {
                return dropped_in(*header);
            }
        }
    }

    static std::optional<std::uint64_t> dropped_in(const nlmsghdr& header) noexcept {
        if (header.nlmsg_type == NLMSG_ERROR) {
            nlmsgerr refusal{};
            std::memcpy(&refusal, &header + 1, sizeof refusal);
            errno = -refusal.error;
            return std::nullopt;
        }
        errno = ENODATA;
        if (header.nlmsg_type != RTM_NEWLINK) {
            return std::nullopt;
        }
        const auto* at = reinterpret_cast<const char*>(&header) + NLMSG_LENGTH(sizeof(ifinfomsg));
        std::size_t left = header.nlmsg_len - NLMSG_LENGTH(sizeof(ifinfomsg));
        while (left >= sizeof(rtattr)) {
            rtattr attribute{};
            std::memcpy(&attribute, at, sizeof attribute);
            if (attribute.rta_len < sizeof attribute || attribute.rta_len > left) {
                return std::nullopt;
            }
            // Older kernels send a shorter structure; the field is near its beginning.
            rtnl_link_stats64 stats{};
            if (attribute.rta_type == IFLA_STATS64) {
                std::memcpy(&stats,
                            at + RTA_LENGTH(0),
                            std::min<std::size_t>(sizeof stats, attribute.rta_len - RTA_LENGTH(0)));
                return stats.tx_dropped;
            }
            const std::size_t step = std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), left);
            at += step;
            left -= step;
        }
        return std::nullopt;
    }

    const int interface_index_;
    const int socket_;
    std::uint32_t sequence_ = 0;
    std::uint64_t total_ = 0;
};

/// Whether a descriptor of ours is a packet socket bound to the interface.
bool is_packet_socket_on(int descriptor, unsigned interface_index) noexcept {
    sockaddr_ll address{};
    socklen_t length = sizeof address;
    return ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
           address.sll_family == AF_PACKET &&
           address.sll_ifindex == static_cast<int>(interface_index);
}

/// The driver keeps its sockets to itself, so they are found among the descriptors of the process.
std::vector<int> packet_sockets_on(unsigned interface_index) {
    std::vector<int> sockets;
    DIR* directory = ::opendir("/proc/self/fd");
    if (directory == nullptr) {
        return sockets;
    }
    while (const dirent* entry = ::readdir(directory)) {
        const int descriptor = std::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && is_packet_socket_on(descriptor, interface_index)) {
            sockets.push_back(descriptor);
        }
    }
    ::closedir(directory);
    return sockets;
}

/// tp_drops of the packet sockets on one interface: the ring was full.
class PacketSocketDrops final : public KernelDrops {
  public:
    PacketSocketDrops(unsigned interface_index, std::vector<int> sockets)
        : interface_index_(interface_index), sockets_(std::move(sockets)) {}

    std::uint64_t total() noexcept override {
        for (const int socket : sockets_) {
            // A number that the driver closed may be something else by now.
            tpacket_stats since_last{};
            socklen_t length = sizeof since_last;
            if (is_packet_socket_on(socket, interface_index_) &&
                ::getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, &since_last, &length) == 0) {
                total_ += since_last.tp_drops;
            }
        }
        return total_;
    }

  private:
    const unsigned interface_index_;
    const std::vector<int> sockets_;
    std::uint64_t total_ = 0;
};

}  // namespace

std::unique_ptr<KernelDrops> kernel_drops_of(const std::string& driver,
                                             const std::string& device,
                                             unsigned interface_index) {
    if (driver == "net_tap") {
        auto drops = std::make_unique<LinkDrops>(interface_index);
        if (!drops->refresh()) {
            throw StartupError(
                std::string("its interface's drops cannot be read: ") + std::strerror(errno),
                device,
                "open the port in the network namespace in which DPDK was started");
        }
        return drops;
    }
    if (driver == "net_af_packet") {
        auto sockets = packet_sockets_on(interface_index);
        if (sockets.empty()) {
            throw StartupError("the driver's sockets are not found, so its drops cannot be read",
                               device,
                               "is /proc mounted?");
        }
        return std::make_unique<PacketSocketDrops>(interface_index, std::move(sockets));
    }
    return nullptr;
}

}  // namespace roda::dpdk::detail
