// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/interface_watch.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace roda::dpdk::detail {

namespace {

/// Whether a descriptor of ours is a queue of the interface of this name.
bool is_queue_of(int descriptor, const char* name) noexcept {
    ifreq request{};
    return ::ioctl(descriptor, TUNGETIFF, &request) == 0 &&
           std::strncmp(request.ifr_name, name, IFNAMSIZ) == 0;
}

/// A descriptor of our own for a tap: the driver keeps its to itself.
int descriptor_of_tap(const char* name) {
    DIR* directory = ::opendir("/proc/self/fd");
    if (directory == nullptr) {
        return -1;
    }
    int found = -1;
    while (const dirent* entry = ::readdir(directory)) {
        const int descriptor = std::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && is_queue_of(descriptor, name)) {
            found = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
            break;
        }
    }
    ::closedir(directory);
    return found;
}

}  // namespace

InterfaceWatch::InterfaceWatch(const std::string& driver, unsigned interface_index)
    : is_tap_(driver == "net_tap"), interface_index_(interface_index) {
    std::array<char, IF_NAMESIZE> name{};
    if (interface_index == 0 || ::if_indextoname(interface_index, name.data()) == nullptr) {
        return;
    }
    if (is_tap_) {
        descriptor_ = descriptor_of_tap(name.data());
    } else if (driver == "net_af_packet" || driver == "net_af_xdp") {
        descriptor_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    }
}

InterfaceWatch::~InterfaceWatch() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

bool InterfaceWatch::is_gone() const noexcept {
    if (descriptor_ < 0) {
        return false;
    }
    ifreq request{};
    if (is_tap_) {
        return ::ioctl(descriptor_, TUNGETIFF, &request) != 0 && errno == EBADFD;
    }
    request.ifr_ifindex = static_cast<int>(interface_index_);
    return ::ioctl(descriptor_, SIOCGIFNAME, &request) != 0 && errno == ENODEV;
}

std::optional<bool> InterfaceWatch::carrier() const noexcept {
    if (is_tap_ || descriptor_ < 0) {
        return std::nullopt;
    }
    ifreq request{};
    request.ifr_ifindex = static_cast<int>(interface_index_);
    if (::ioctl(descriptor_, SIOCGIFNAME, &request) != 0 ||
        ::ioctl(descriptor_, SIOCGIFFLAGS, &request) != 0) {
        return false;
    }
    constexpr int both = IFF_UP | IFF_RUNNING;
    return (request.ifr_flags & both) == both;
}

}  // namespace roda::dpdk::detail
