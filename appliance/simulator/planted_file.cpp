// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/planted_file.hpp"

#include <cerrno>
#include <cinttypes>
#include <cstring>

#include "pipeline/base/error.hpp"

namespace roda::appliance {

PlantedFile::PlantedFile(const std::string& path)
    : path_(path), file_(path.empty() ? nullptr : std::fopen(path.c_str(), "we"), &std::fclose) {
    if (!path.empty() && file_ == nullptr) {
        throw StartupError(
            std::string("cannot write the planted transitions: ") + std::strerror(errno),
            path,
            "give a file in a directory that you may write to");
    }
}

void PlantedFile::write(std::span<const PlantedTransition> planted) {
    if (file_ == nullptr) {
        return;
    }
    for (const PlantedTransition& transition : planted) {
        std::fprintf(file_.get(),
                     "{\"sensor_id\":%" PRIu64
                     ",\"rule\":\"%.*s\",\"transition\":\"%s\","
                     "\"event_ns\":%" PRIu64 "}\n",
                     transition.sensor_id,
                     static_cast<int>(transition.rule.size()),
                     transition.rule.data(),
                     transition.firing ? "firing" : "resolved",
                     transition.event_ns);
    }
    if (std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0) {
        throw StartupError("cannot write the planted transitions", path_, "is the disk full?");
    }
}

}  // namespace roda::appliance
