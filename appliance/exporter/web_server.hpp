// SPDX-License-Identifier: Apache-2.0
// The appliance's HTTP side: /metrics for Prometheus, /-/healthy and /-/ready for whoever restarts
// it, /api/v1/alerts for programs, / for people. Read-only; nothing can be changed through it.
#pragma once

#include <cstdint>
#include <memory>

#include "appliance/config/config.hpp"
#include "appliance/exporter/metrics.hpp"
#include "appliance/exporter/status.hpp"

namespace roda::appliance {

/// Serves from the constructor's return to the destructor.
///
/// Thread: constructed and destroyed by the main thread. It has three threads of its own, which
/// call `status` and `follow_alerts`, one at a time, from the first request on; both must outlive
/// it. The threads take no signals and inherit the CPUs of the constructor's.
/// Errors: StartupError when metrics.address and metrics.port cannot be had.
class WebServer {
  public:
    WebServer(const Config& config, StatusSource status, AlertFollower follow_alerts);

    /// Cuts off the clients in hand: milliseconds, whatever they do.
    ~WebServer();
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;

    /// From now on alerts have the labels of these rules and this inventory. Thread: any.
    void set_book(std::shared_ptr<const RuleBook> book);

    /// The port that it listens on; of interest when metrics.port is 0.
    std::uint16_t port() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace roda::appliance
