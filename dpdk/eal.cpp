// SPDX-License-Identifier: Apache-2.0
#include "dpdk/eal.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>

#include "dpdk/device/log_capture.hpp"
#include "dpdk/eal_arguments.hpp"
#include "dpdk/free_hugepages.hpp"
#include "pipeline/base/error.hpp"

namespace roda::dpdk {

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr const char* node_directory = "/sys/devices/system/node";
constexpr std::string_view where_eal = "DPDK environment layer";

// rte_eal_init works once in the life of a process, even after rte_eal_cleanup.
std::atomic<bool> eal_taken{false};

std::vector<unsigned> allowed_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<unsigned> cpus;
    if (::sched_getaffinity(0, sizeof set, &set) == 0) {
        for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &set)) {
                cpus.push_back(cpu);
            }
        }
    }
    return cpus.empty() ? std::vector<unsigned>{0} : cpus;
}

// The kernel sets the pages aside when it maps them, overcommitted ones too, so a mapping that
// succeeds is a promise; nothing is touched.
bool can_map(std::size_t bytes, unsigned page_shift) {
    const std::size_t page = std::size_t{1} << page_shift;
    const std::size_t length = (bytes + page - 1) / page * page;
    const int flags =
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | static_cast<int>(page_shift << MAP_HUGE_SHIFT);
    void* memory = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    ::munmap(memory, length);
    return true;
}

bool has_hugepages(std::size_t bytes, unsigned page_shift) {
    return can_map(bytes, page_shift) && eal_counts_enough(node_directory, bytes, page_shift);
}

bool choose_hugepages(const EalOptions& options) {
    if (options.hugepages == Hugepages::never) {
        return false;
    }
    const std::size_t bytes = options.memory_mb * mebibyte;
    if (has_hugepages(bytes, 21) || has_hugepages(bytes, 30)) {
        return true;
    }
    if (options.hugepages == Hugepages::require) {
        throw StartupError("no hugepages for " + std::to_string(options.memory_mb) + " MB",
                           std::string(where_eal),
                           "echo " + std::to_string((options.memory_mb + 1) / 2) +
                               " > /proc/sys/vm/nr_hugepages, or hugepages: automatic");
    }
    return false;
}

// EAL makes this directory although nothing is shared through it. Removed at once, so that not
// even a killed process leaves it; rmdir spares a directory that another DPDK program uses.
void remove_runtime_directory() {
    const std::filesystem::path directory = rte_eal_get_runtime_dir();
    if (::rmdir(directory.c_str()) == 0) {
        ::rmdir(directory.parent_path().c_str());
    }
}

// net_tap has the kernel send a real-time signal per frame, and reads its queue only after one: a
// storm of interrupted calls, frames that wait until some thread takes the signal, and death by
// SIGIO when too many are pending. Where no signal is free it reads on each poll instead.
void take_realtime_signals() {
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
        struct sigaction action {};

        if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
            action.sa_handler = SIG_IGN;
            ::sigaction(signal, &action, nullptr);
        }
    }
}

std::string joined(std::span<const std::string> arguments) {
    std::string text;
    for (const auto& argument : arguments) {
        text += (text.empty() ? "" : " ") + argument;
    }
    return text;
}

std::string hint_for(int error, const EalOptions& options) {
    switch (error) {
        case EACCES:
        case EPERM:
            return "hugepages and devices need root or its capabilities; hugepages: never runs "
                   "without";
        case ENOMEM:
            return "memory_mb is " + std::to_string(options.memory_mb) +
                   ": lower it, or add hugepages";
        case ENODEV:
            return "is the driver's package (librte-net-...) installed, and its name right?";
        default:
            return "check port.device and eal_args";
    }
}

// The size of the pages that hold most of what EAL set aside.
std::string page_description() {
    struct Most {
        std::uint64_t bytes = 0;
        std::uint64_t page = 4096;
    } most;

    rte_memseg_list_walk(
        [](const rte_memseg_list* list, void* argument) {
            auto& found = *static_cast<Most*>(argument);
            const std::uint64_t bytes = list->page_sz * list->memseg_arr.count;
            if (list->external == 0 && bytes > found.bytes) {
                found = {bytes, list->page_sz};
            }
            return 0;
        },
        &most);
    if (most.page >= 1024 * mebibyte) {
        return std::to_string(most.page / (1024 * mebibyte)) + " GiB hugepages";
    }
    if (most.page >= mebibyte) {
        return std::to_string(most.page / mebibyte) + " MiB hugepages";
    }
    return std::to_string(most.page / 1024) + " KiB pages";
}

}  // namespace

Eal::Eal(const EalOptions& options) {
    for (const auto& device : options.devices) {
        if (device_name(device).empty()) {
            throw StartupError("a device without a name",
                               std::string(where_eal),
                               "a PCI address or a virtual device such as net_tap0,iface=roda0");
        }
    }
    if (eal_taken.exchange(true)) {
        throw StartupError("already started once in this process",
                           std::string(where_eal),
                           "one Eal per process, for its whole life");
    }
    auto arguments = eal_arguments(options, choose_hugepages(options), allowed_cpus());
    const std::string tried = joined(arguments);
    std::vector<char*> pointers;
    for (auto& argument : arguments) {
        pointers.push_back(argument.data());
    }

    detail::LogCapture log;
    take_realtime_signals();
    const int result = rte_eal_init(static_cast<int>(pointers.size()), pointers.data());
    remove_runtime_directory();
    startup_log_ = log.text();
    if (result < 0) {
        const int error = rte_errno;
        std::string what = std::string("does not start: ") + rte_strerror(error);
        if (!startup_log_.empty()) {
            what += ": " + startup_log_;
        }
        throw StartupError(
            what + ", with: " + tried, std::string(where_eal), hint_for(error, options));
    }
    memory_ = page_description();
}

Eal::~Eal() {
    rte_eal_cleanup();
}

}  // namespace roda::dpdk
