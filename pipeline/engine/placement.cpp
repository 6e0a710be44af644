// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/placement.hpp"

#include <pthread.h>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "pipeline/base/error.hpp"

namespace roda {
namespace {

/// Reads a number off the front of `text`; nothing when it has another form.
std::optional<std::uint32_t> take_number(std::string_view& text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// A kernel's list of cores: "0-3,8,10-11". A memory-only node's is empty.
void read_core_list(std::string_view text,
                    std::uint32_t node,
                    std::map<std::uint32_t, std::uint32_t>& node_of) {
    while (const std::optional<std::uint32_t> first = take_number(text)) {
        std::optional<std::uint32_t> last = first;
        if (text.starts_with('-')) {
            text.remove_prefix(1);
            last = take_number(text);
        }
        for (std::uint32_t core = *first; last && core <= *last && core < CPU_SETSIZE; ++core) {
            node_of[core] = node;
        }
        if (!text.starts_with(',')) {
            return;
        }
        text.remove_prefix(1);
    }
}

/// Taken before main(): a thread that has pinned itself since says nothing about the others.
std::set<std::uint32_t> read_allowed() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ::sched_getaffinity(0, sizeof(allowed), &allowed);
    std::set<std::uint32_t> cores;
    for (std::uint32_t core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &allowed)) {
            cores.insert(core);
        }
    }
    return cores;
}

const std::set<std::uint32_t> allowed_at_start = read_allowed();

std::string describe(const CoreRequest& request) {
    return request.worker + ": core " + std::to_string(request.core);
}

/// Why this core cannot be had at all; empty when it can.
std::string fault_of(const CoreRequest& request, const CoreMap& cores) {
    if (!cores.node_of.empty() && !cores.node_of.contains(request.core)) {
        return describe(request) + " does not exist";
    }
    if (!cores.allowed.contains(request.core)) {
        return describe(request) + " is not allowed to this process";
    }
    return {};
}

std::optional<std::uint32_t> node_of(const CoreRequest& request, const CoreMap& cores) {
    const auto found = cores.node_of.find(request.core);
    return found == cores.node_of.end() ? std::nullopt : std::optional(found->second);
}

/// Names the first worker on another node than the first one; empty when there is none.
std::string node_fault(std::span<const CoreRequest> requests, const CoreMap& cores) {
    const CoreRequest* first = nullptr;
    for (const CoreRequest& request : requests) {
        const auto node = node_of(request, cores);
        if (!node) {
            continue;
        }
        if (first == nullptr) {
            first = &request;
        } else if (*node != *node_of(*first, cores)) {
            return describe(request) + " lies on NUMA node " + std::to_string(*node) + ", " +
                   first->worker + " on node " + std::to_string(*node_of(*first, cores));
        }
    }
    return {};
}

}  // namespace

CoreMap CoreMap::of_this_host(const std::string& node_root) {
    CoreMap cores;
    std::error_code missing;  // a kernel without NUMA has no such folder
    for (const auto& entry : std::filesystem::directory_iterator(node_root, missing)) {
        const std::string folder = entry.path().filename().string();
        std::string_view name = folder;
        if (!name.starts_with("node")) {
            continue;
        }
        name.remove_prefix(4);
        const std::optional<std::uint32_t> node = take_number(name);
        std::string list;
        if (node && name.empty() && std::getline(std::ifstream(entry.path() / "cpulist"), list)) {
            read_core_list(list, *node, cores.node_of);
        }
    }
    cores.allowed = allowed_at_start;
    return cores;
}

void check_placement(std::span<const CoreRequest> requests, bool cross_node, const CoreMap& cores) {
    std::string faults;
    const auto add = [&faults](const std::string& fault) {
        if (!fault.empty()) {
            faults += (faults.empty() ? "" : "; ") + fault;
        }
    };
    std::map<std::uint32_t, std::string> taken;
    for (const CoreRequest& request : requests) {
        add(fault_of(request, cores));
        const auto [other, is_new] = taken.try_emplace(request.core, request.worker);
        if (!is_new) {
            add(describe(request) + " is " + other->second + "'s already");
        }
    }
    if (!cross_node) {
        add(node_fault(requests, cores));
    }
    if (!faults.empty()) {
        throw StartupError(faults,
                           "cores of the workers",
                           "choose of those in `taskset -cp $$`, each once, on one NUMA node "
                           "(`lscpu -e`), or leave the cores out");
    }
}

bool pin_thread(pthread_t thread, std::uint32_t core) noexcept {
    if (core >= CPU_SETSIZE) {
        return false;
    }
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(core, &only);
    return ::pthread_setaffinity_np(thread, sizeof(only), &only) == 0;
}

OnCore::OnCore(std::optional<std::uint32_t> core) noexcept {
    CPU_ZERO(&before_);
    moved_ = core && ::sched_getaffinity(0, sizeof(before_), &before_) == 0 &&
             pin_thread(::pthread_self(), *core);
}

OnCore::~OnCore() {
    if (moved_) {
        ::sched_setaffinity(0, sizeof(before_), &before_);
    }
}

}  // namespace roda
