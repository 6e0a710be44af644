// SPDX-License-Identifier: Apache-2.0
#include "dpdk/network_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
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

}  // namespace

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
    home_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
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
