// SPDX-License-Identifier: Apache-2.0
// Which thread may run on which core: what this host has, and what is wrong with a wish. Starts no
// thread.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace roda {

/// The cores of a host, as the checks see them. Tests make up their own.
struct CoreMap {
    std::map<std::uint32_t, std::uint32_t> node_of;  // core -> NUMA node; empty: not known
    std::set<std::uint32_t> allowed;                 // to this process when it started

    /// Source: `nodeN/cpulist` under node_root, and the affinity that the process was started with.
    static CoreMap of_this_host(const std::string& node_root = "/sys/devices/system/node");
};

/// A worker that wants a core of its own.
struct CoreRequest {
    std::string worker;
    std::uint32_t core;
};

/// Each core must exist, be allowed to this process and be wanted once; all must lie on one NUMA
/// node, unless `cross_node`.
///
/// Errors: StartupError with every fault.
void check_placement(std::span<const CoreRequest> requests,
                     bool cross_node = false,
                     const CoreMap& cores = CoreMap::of_this_host());

/// Binds a thread to a core. False when the kernel refuses.
bool pin_thread(pthread_t thread, std::uint32_t core) noexcept;

/// Runs the calling thread on a core while it lives, so that memory touched meanwhile lies on the
/// core's NUMA node; then puts it back. Without a core it does nothing.
///
/// Errors: none; check_placement() has found what is wrong.
class OnCore {
  public:
    explicit OnCore(std::optional<std::uint32_t> core) noexcept;
    ~OnCore();
    OnCore(const OnCore&) = delete;
    OnCore& operator=(const OnCore&) = delete;

  private:
    bool moved_ = false;
    cpu_set_t before_{};
};

}  // namespace roda
