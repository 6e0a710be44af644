// SPDX-License-Identifier: Apache-2.0
#include "dpdk/device/log_capture.hpp"

#include <rte_log.h>

#include <cstdlib>
#include <string_view>

namespace roda::dpdk::detail {

LogCapture::LogCapture() : stream_(::open_memstream(&buffer_, &size_)) {
    if (stream_ != nullptr) {
        rte_openlog_stream(stream_);
    }
}

LogCapture::~LogCapture() {
    // Not the default stream: that one writes every line to syslog as well.
    rte_openlog_stream(stderr);
    if (stream_ != nullptr) {
        std::fclose(stream_);
    }
    std::free(buffer_);
}

std::string LogCapture::text() {
    if (stream_ == nullptr) {
        return {};
    }
    std::fflush(stream_);
    std::string joined;
    for (std::string_view rest(buffer_, size_); !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
        if (!line.empty()) {
            joined += (joined.empty() ? "" : "; ") + std::string(line);
        }
    }
    return joined;
}

}  // namespace roda::dpdk::detail
