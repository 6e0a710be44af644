// SPDX-License-Identifier: Apache-2.0
// A scope inside a network namespace, so that a device is opened there, and closed there.
#pragma once

#include <string>

namespace roda::dpdk {

/// The network namespace of the thread that made it, to be entered again later.
///
/// Errors: none; where it cannot be told, entering it stays where one is.
class NetworkHome {
  public:
    NetworkHome() noexcept;
    ~NetworkHome();
    NetworkHome(const NetworkHome&) = delete;
    NetworkHome& operator=(const NetworkHome&) = delete;

  private:
    friend class NetworkNamespace;
    int descriptor_ = -1;
};

/// Takes the calling thread into the namespace that `ip netns add NAME` made; the destructor
/// takes it back. An empty name stays at home. Sockets and devices opened meanwhile, and threads
/// started meanwhile, stay in the namespace for their whole life.
///
/// Thread: the calling thread only; destroyed by the same one.
/// Errors: StartupError when the namespace is missing or may not be entered.
class NetworkNamespace {
  public:
    explicit NetworkNamespace(const std::string& name);

    /// Stays where one is when one is there already, or may not enter.
    explicit NetworkNamespace(const NetworkHome& home) noexcept;

    ~NetworkNamespace();
    NetworkNamespace(const NetworkNamespace&) = delete;
    NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  private:
    int home_ = -1;  // descriptor of the namespace to return to
};

}  // namespace roda::dpdk
