// SPDX-License-Identifier: Apache-2.0
// The files of the flight recorder: what they are called, and how many stay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "appliance/config/config.hpp"

namespace roda::appliance {

/// DIRECTORY/INSTANCE.frames.20260301T120000.123456Z.pcapng, one for each recording, so that names
/// are in the order of time. Nothing of another name is ever touched.
///
/// Thread: one.
class RecordingFiles {
  public:
    /// Makes the directory. What an earlier run left unfinished is removed.
    ///
    /// Errors: StartupError when files cannot be made there.
    explicit RecordingFiles(const Config& config);

    std::string path_at(std::uint64_t unix_ns) const;

    /// Removes the oldest, so that `recorder.files` stay.
    void keep_newest() const;

  private:
    std::vector<std::string> find(const std::string& ending) const;

    std::string directory_;
    std::string first_;  // of each name
    std::size_t most_;
};

}  // namespace roda::appliance
