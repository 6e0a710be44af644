// SPDX-License-Identifier: Apache-2.0
#include "dpdk/network_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "pipeline/base/error.hpp"

namespace roda::dpdk {

namespace {

[[noreturn]] void refuse(const std::string& name, int error) {
    std::string hint = "is it a name of `ip netns list`?";
    if (error == ENOENT) {
        hint = "ip netns add " + name;
    } else if (error == EPERM || error == EACCES) {
        hint = "entering a network namespace needs CAP_SYS_ADMIN";
    }
    throw StartupError(std::string("cannot be entered: ") + std::strerror(error),
                       "network namespace " + name,
                       hint);
}

int open_current() noexcept {
    return ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

bool are_same(int one, int other) noexcept {
    struct stat a {};

    struct stat b {};

    return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

}  // namespace

NetworkHome::NetworkHome() noexcept : descriptor_(open_current()) {}

NetworkHome::~NetworkHome() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

NetworkNamespace::NetworkNamespace(const std::string& name) {
    if (name.empty()) {
        return;
    }
    if (name.find('/') != std::string::npos) {
        refuse(name, EINVAL);
    }
    const int target = ::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
    if (target < 0) {
        refuse(name, errno);
    }
    home_ = open_current();
    const bool entered = home_ >= 0 && ::setns(target, CLONE_NEWNET) == 0;
    const int error = errno;
    ::close(target);
    if (!entered) {
        if (home_ >= 0) {
            ::close(home_);
        }
        refuse(name, error);
    }
}

NetworkNamespace::NetworkNamespace(const NetworkHome& home) noexcept : home_(open_current()) {
    if (home_ < 0) {
        return;
    }
    if (home.descriptor_ < 0 || are_same(home_, home.descriptor_) ||
        ::setns(home.descriptor_, CLONE_NEWNET) != 0) {
        ::close(home_);
        home_ = -1;
    }
}

NetworkNamespace::~NetworkNamespace() {
    if (home_ < 0) {
        return;
    }
    if (::setns(home_, CLONE_NEWNET) != 0) {
        // Going on in a foreign network would serve metrics to the wrong side.
        std::perror("cannot leave the network namespace");
        std::terminate();
    }
    ::close(home_);
}

}  // namespace roda::dpdk
