// SPDX-License-Identifier: Apache-2.0
// What a person sees while the appliance runs: a line of rates each second, alerts as they come.
#pragma once

#include <cstdint>

#include "appliance/alarms/alert_record.hpp"
#include "appliance/config/config.hpp"
#include "appliance/exporter/status.hpp"
#include "pipeline/fleet/lane_cursor.hpp"

namespace roda::appliance {

/// Writes to standard output; colours only on a terminal.
///
/// Thread: main. Follows the alert journal as any other local program would.
class LiveView {
  public:
    explicit LiveView(const Config& config);

    /// Prints the new alerts, and once a second the rates since the last line.
    void refresh(const Status& status, std::uint64_t now_ns);

    /// Prints what came after the last refresh().
    void finish(const Status& status);

  private:
    void print_rates(const Status& status, double seconds);
    void print_alerts();

    LaneCursor<AlertRecord> alerts_;
    bool colours_;
    std::uint64_t began_ns_;
    std::uint64_t line_ns_;
    std::uint64_t lines_ = 0;
    std::uint64_t alerts_this_line_ = 0;
    Ledger before_;
};

}  // namespace roda::appliance
