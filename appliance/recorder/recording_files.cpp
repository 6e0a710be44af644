// SPDX-License-Identifier: Apache-2.0
#include "appliance/recorder/recording_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "pipeline/base/error.hpp"

namespace roda::appliance {

namespace {

constexpr const char* whole = ".pcapng";
constexpr const char* unfinished = ".pcapng.part";

[[noreturn]] void refuse(const std::string& directory, const std::error_code& failure) {
    throw StartupError("cannot hold recordings: " + failure.message(),
                       directory,
                       "set recorder.directory to one that this user may write to");
}

}  // namespace

RecordingFiles::RecordingFiles(const Config& config)
    : directory_(config.recorder.directory),
      first_(config.instance + ".frames."),
      most_(config.recorder.files) {
    std::error_code failure;
    std::filesystem::create_directories(directory_, failure);
    if (failure) {
        refuse(directory_, failure);
    }
    if (::access(directory_.c_str(), W_OK | X_OK) != 0) {
        refuse(directory_, {errno, std::generic_category()});
    }
    for (const std::string& path : find(unfinished)) {
        std::filesystem::remove(path, failure);
    }
}

std::string RecordingFiles::path_at(std::uint64_t unix_ns) const {
    const auto seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
    const auto microseconds = static_cast<unsigned>(unix_ns / 1000 % 1'000'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> date{};
    std::strftime(date.data(), date.size(), "%Y%m%dT%H%M%S", &parts);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s.%06uZ", date.data(), microseconds);
    return directory_ + '/' + first_ + text.data() + whole;
}

void RecordingFiles::keep_newest() const {
    const std::vector<std::string> paths = find(whole);
    const std::size_t surplus = paths.size() - std::min(paths.size(), most_);
    for (std::size_t i = 0; i < surplus; ++i) {
        std::error_code ignored;  // tried again after the next recording
        std::filesystem::remove(paths[i], ignored);
    }
}

/// Of ours, by name and so by time.
std::vector<std::string> RecordingFiles::find(const std::string& ending) const {
    std::vector<std::string> paths;
    std::error_code failure;
    for (std::filesystem::directory_iterator at(directory_, failure), end; !failure && at != end;
         at.increment(failure)) {
        const std::string name = at->path().filename().string();
        if (name.starts_with(first_) && name.ends_with(ending)) {
            paths.push_back(at->path().string());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace roda::appliance
