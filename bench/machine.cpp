// SPDX-License-Identifier: Apache-2.0
#include "bench/machine.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <cerrno>
#include <fstream>
#include <thread>

#include "pipeline/base/error.hpp"

namespace roda::bench {
namespace {

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line.empty() ? "unknown" : line;
}

/// The value behind `key` in a file of `key : value` lines.
std::string field(const std::string& path, const std::string& key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const std::size_t value = line.find_first_not_of(" \t:", key.size());
        if (line.starts_with(key) && value != std::string::npos) {
            return line.substr(value);
        }
    }
    return "unknown";
}

std::string compiler() {
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "g++ " __VERSION__;
#endif
}

std::string optimized() {
#if defined(__OPTIMIZE__)
    return "yes";
#else
    return "NO: figures mean nothing";
#endif
}

}  // namespace

Facts machine_facts() {
    utsname kernel{};
    ::uname(&kernel);
    const int nice = ::getpriority(PRIO_PROCESS, 0);
    return {
        {"processor", field("/proc/cpuinfo", "model name")},
        {"cores", std::to_string(std::thread::hardware_concurrency())},
        {"virtual machine",
         field("/proc/cpuinfo", "flags").find(" hypervisor ") != std::string::npos ? "yes" : "no"},
        {"kernel", kernel.release},
        {"compiler", compiler()},
        {"optimized", optimized()},
        {"transparent huge pages", first_line("/sys/kernel/mm/transparent_hugepage/enabled")},
        {"free 2 MB pages", field("/proc/meminfo", "HugePages_Free")},
        {"frequency governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")},
        {"load average", first_line("/proc/loadavg")},
        {"nice", std::to_string(nice) + (nice < 0 ? "" : " (no right to a higher priority)")},
    };
}

void pin_this_thread(std::uint32_t core) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(core % CPU_SETSIZE, &only);
    if (core >= CPU_SETSIZE || ::sched_setaffinity(0, sizeof(only), &only) != 0) {
        throw StartupError("core " + std::to_string(core) + " is not there for this process",
                           "--cores",
                           "`taskset -p $$` shows which are");
    }
}

void raise_priority() noexcept {
    ::setpriority(PRIO_PROCESS, 0, -20);
}

std::uint64_t preemptions() noexcept {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_nivcsw);
}

}  // namespace roda::bench
