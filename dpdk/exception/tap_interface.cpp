// SPDX-License-Identifier: Apache-2.0
#include "dpdk/exception/tap_interface.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "pipeline/base/error.hpp"

namespace roda::dpdk {

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& what, int error) {
    std::string hint = "port.exception_interface: a name that no other interface has";
    if (error == EPERM || error == EACCES) {
        hint = "it needs CAP_NET_ADMIN";
    } else if (error == ENOENT || error == ENODEV || error == ENXIO) {
        hint = "load the kernel's module: modprobe tun";
    } else if (error == EBUSY) {
        hint = "another process holds it: choose another port.exception_interface";
    }
    throw StartupError(what + ": " + std::strerror(error), "exception interface " + name, hint);
}

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}

    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const noexcept { return number_; }

    int give_up() noexcept { return std::exchange(number_, -1); }

  private:
    int number_;
};

ifreq request_for(const std::string& name) noexcept {
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

void set_up(const std::string& name, const std::array<std::uint8_t, 6>& mac, std::uint16_t mtu) {
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq address = request_for(name);
    address.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(address.ifr_hwaddr.sa_data, mac.data(), mac.size());
    if (::ioctl(socket.number(), SIOCSIFHWADDR, &address) != 0) {
        refuse(name, "cannot be given the port's MAC address", errno);
    }
    ifreq longest = request_for(name);
    longest.ifr_mtu = mtu;
    if (::ioctl(socket.number(), SIOCSIFMTU, &longest) != 0) {
        refuse(name, "cannot be given an MTU of " + std::to_string(mtu), errno);
    }
    ifreq state = request_for(name);
    if (::ioctl(socket.number(), SIOCGIFFLAGS, &state) == 0) {
        state.ifr_flags = static_cast<short>(state.ifr_flags | IFF_UP);
    }
    if (::ioctl(socket.number(), SIOCSIFFLAGS, &state) != 0) {
        refuse(name, "cannot be set up", errno);
    }
}

}  // namespace

TapInterface::TapInterface(const std::string& name,
                           const std::array<std::uint8_t, 6>& mac,
                           std::uint16_t mtu) {
    Descriptor device(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (device.number() < 0) {
        refuse(name, "/dev/net/tun cannot be opened", errno);
    }
    ifreq request = request_for(name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (::ioctl(device.number(), TUNSETIFF, &request) != 0) {
        refuse(name, "cannot be made", errno);
    }
    set_up(name, mac, mtu);
    descriptor_ = device.give_up();
}

TapInterface::~TapInterface() {
    ::close(descriptor_);
}

bool TapInterface::write(std::span<const std::byte> frame) noexcept {
    return ::write(descriptor_, frame.data(), frame.size()) == static_cast<ssize_t>(frame.size());
}

std::size_t TapInterface::read(std::span<std::byte> room) noexcept {
    const auto length = ::read(descriptor_, room.data(), room.size());
    return length > 0 ? static_cast<std::size_t>(length) : 0;
}

bool TapInterface::wait(std::uint32_t patience_us) noexcept {
    pollfd readable{descriptor_, POLLIN, 0};
    const timespec patience{0, static_cast<long>(patience_us) * 1000};
    return ::ppoll(&readable, 1, &patience, nullptr) > 0 && (readable.revents & POLLIN) != 0;
}

}  // namespace roda::dpdk
