// SPDX-License-Identifier: Apache-2.0
// A scope inside a named network namespace, so that a device is opened there.
#pragma once

#include <string>

namespace roda::dpdk {

/// Takes the calling thread into the namespace that `ip netns add NAME` made; the destructor
/// takes it back. An empty name stays at home. Sockets and devices opened meanwhile, and threads
/// started meanwhile, stay in the namespace for their whole life.
///
/// Thread: the calling thread only; destroyed by the same one.
/// Errors: StartupError when the namespace is missing or may not be entered.
class NetworkNamespace {
  public:
    explicit NetworkNamespace(const std::string& name);
    ~NetworkNamespace();
    NetworkNamespace(const NetworkNamespace&) = delete;
    NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  private:
    int home_ = -1;  // descriptor of the namespace to return to
};

}  // namespace roda::dpdk
