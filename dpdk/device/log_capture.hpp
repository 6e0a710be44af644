// SPDX-License-Identifier: Apache-2.0
// Keeps what DPDK says during a call, so that an error can give the driver's own reason and a
// success stays silent about harmless complaints.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace roda::dpdk::detail {

/// Holds back DPDK's log while it lives; afterwards messages go to stderr.
///
/// Thread: the main thread, one at a time.
class LogCapture {
  public:
    LogCapture();
    ~LogCapture();
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;

    /// The lines so far, joined by "; ".
    std::string text();

  private:
    char* buffer_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* stream_ = nullptr;
};

}  // namespace roda::dpdk::detail
