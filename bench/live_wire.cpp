// SPDX-License-Identifier: Apache-2.0
#include "bench/live_wire.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "pipeline/base/error.hpp"

namespace roda::bench {
namespace {

void run(const std::string& command) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> output(
        ::popen((command + " 2>&1").c_str(), "r"), ::pclose);
    std::string said;
    std::array<char, 256> text{};
    while (output != nullptr && std::fgets(text.data(), text.size(), output.get()) != nullptr) {
        said += text.data();
    }
    // Each of these commands is silent when all is well.
    if (output == nullptr || !said.empty()) {
        throw StartupError(said, command, "iproute2 and util-linux, and a kernel with veth");
    }
}

}  // namespace

void enter_network_of_its_own() {
    if (::unshare(CLONE_NEWNET) != 0) {
        throw StartupError(std::string("no network namespace: ") + std::strerror(errno),
                           "live ports",
                           "needs root");
    }
    // The kernel sends IPv6 frames of its own, and frames are counted here.
    std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6") << 1;
}

void make_link(const Link& link, pid_t sender, bool kernel_receives) {
    const std::string& name = link.interface;
    const std::string there = "nsenter -n -t " + std::to_string(sender) + " ip ";
    const std::string mac = "02:00:00:00:4f:0" + std::to_string(link.network);
    run("ip link add " + name + " address " + mac + " type veth peer name " + name + " netns " +
        std::to_string(sender));
    run("ip link set " + name + " up");
    if (!link.keeps_super_frames) {
        run(there + "link set " + name + " gso_max_segs 1");
    }
    run(there + "link set " + name + " up");
    run(there + "addr add " + link.sender_text() + "/24 dev " + name);
    run(there + "neigh replace " + link.receiver_text() + " lladdr " + mac + " dev " + name +
        " nud permanent");
    if (kernel_receives) {
        run("ip addr add " + link.receiver_text() + "/24 dev " + name);
    }
}

void receive_on(const Link& link, std::uint32_t core) {
    // A mount of sysfs shows the namespace in which it was made.
    std::array<char, 16> mask{};
    std::snprintf(mask.data(), mask.size(), "%x", 1u << core);
    run("unshare -m sh -c 'mount -t sysfs none /sys && echo " + std::string(mask.data()) +
        " >/sys/class/net/" + link.interface + "/queues/rx-0/rps_cpus'");
}

QuietStderr::QuietStderr() : kept_(::dup(STDERR_FILENO)) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, STDERR_FILENO);
    ::close(nowhere);
}

QuietStderr::~QuietStderr() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
}

}  // namespace roda::bench
