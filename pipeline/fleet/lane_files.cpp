// SPDX-License-Identifier: Apache-2.0
#include "pipeline/fleet/lane_files.hpp"

#include <sys/stat.h>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "pipeline/store/wake_file.hpp"

namespace roda {
namespace {

/// The number in ".N"; nothing for any other text, and for a second spelling of a number.
std::optional<std::uint32_t> lane_number(std::string_view suffix) {
    std::uint32_t lane = 0;
    if (suffix.size() < 2 || suffix[0] != '.' || (suffix[1] == '0' && suffix.size() > 2)) {
        return std::nullopt;
    }
    const auto [end, error] =
        std::from_chars(suffix.data() + 1, suffix.data() + suffix.size(), lane);
    return error == std::errc() && end == suffix.data() + suffix.size() ? std::optional(lane)
                                                                        : std::nullopt;
}

}  // namespace

std::vector<std::string> find_files(const std::string& prefix) {
    const std::size_t slash = prefix.rfind('/');
    const std::string directory = slash == std::string::npos ? "" : prefix.substr(0, slash + 1);
    std::vector<std::string> found;
    std::error_code error;
    // Entries may vanish while they are listed; that is no error here.
    for (std::filesystem::directory_iterator at(directory.empty() ? "." : directory, error), end;
         !error && at != end;
         at.increment(error)) {
        const std::string path = directory + at->path().filename().string();
        std::error_code gone;
        if (path.starts_with(prefix) && !path.ends_with(WakeFile::path_of("")) &&
            !path.ends_with(WakeFile::unfinished_path_of("")) && at->is_regular_file(gone)) {
            found.push_back(path);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<LaneFile> find_lane_files(const std::string& prefix) {
    std::vector<LaneFile> lanes;
    for (const std::string& path : find_files(prefix + '.')) {
        if (const auto lane = lane_number(std::string_view(path).substr(prefix.size()))) {
            lanes.push_back({*lane, path});
        }
    }
    std::sort(lanes.begin(), lanes.end(), [](const LaneFile& a, const LaneFile& b) {
        return a.lane < b.lane;
    });
    return lanes;
}

std::uint64_t file_identity(const std::string& path) noexcept {
    struct stat status {};

    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace roda
