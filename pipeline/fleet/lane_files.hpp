// SPDX-License-Identifier: Apache-2.0
// The names of lanes: several writers of one journal, each with a file of its own, PREFIX.0,
// PREFIX.1 and so on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace roda {

struct LaneFile {
    std::uint32_t lane;
    std::string path;
};

inline std::string lane_file_path(const std::string& prefix, std::uint32_t lane) {
    return prefix + '.' + std::to_string(lane);
}

/// The lanes whose files are there, by number. None where there is no such directory.
std::vector<LaneFile> find_lane_files(const std::string& prefix);

/// All regular files whose path begins with `prefix`, by name; of wake files none, whole or not.
std::vector<std::string> find_files(const std::string& prefix);

/// Which file a path names now: changes when another is put in its place. 0 when there is none.
std::uint64_t file_identity(const std::string& path) noexcept;

}  // namespace roda
