// SPDX-License-Identifier: Apache-2.0
// What journals there are in a place, and how each is.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipeline/fleet/journal_observer.hpp"

namespace roda {

struct FleetMember {
    std::string path;
    JournalState state;
    std::string fault;  // why it is no journal that this program can read; else empty
};

/// Thread: any. Cost: a mapping for each file; cold.
class FleetObserver {
  public:
    /// All files whose path begins with `prefix`: a directory with a slash at its end, an
    /// instance, a journal with its lanes.
    explicit FleetObserver(std::string prefix) : prefix_(std::move(prefix)) {}

    /// What is there now, by path. Never throws for what it finds.
    std::vector<FleetMember> look() const;

  private:
    std::string prefix_;
};

}  // namespace roda
