// SPDX-License-Identifier: Apache-2.0
// The expected transitions as JSON lines, for whoever compares them with Roda's alerts.
#pragma once

#include <cstdio>
#include <memory>
#include <span>
#include <string>

#include "appliance/simulator/plan.hpp"

namespace roda::appliance {

/// Opens before the load and writes after it, so that a wrong path costs no run.
class PlantedFile {
  public:
    /// An empty path: nothing is written. Errors: StartupError.
    explicit PlantedFile(const std::string& path);

    /// One line for each: {"sensor_id":1,"rule":"value_jump","transition":"firing","event_ns":2}.
    /// Errors: StartupError when the disk is full.
    void write(std::span<const PlantedTransition> planted);

  private:
    std::string path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace roda::appliance
