// SPDX-License-Identifier: Apache-2.0
// Proof that code does not use the heap: replaces operator new and delete of the test executable
// that links no_alloc.cpp. Sees C++ allocation only, not malloc called from C.
#pragma once

#include <cstdint>

namespace roda {

/// While it lives, each operator new and delete of this thread is counted.
///
/// Thread: counts its own thread only, so other threads may allocate meanwhile.
/// Shape:  `NoAllocation guard; hot_call(); const auto heap_calls = guard.violations();` and the
///         assertion after it, because a failing assertion allocates.
class NoAllocation {
  public:
    NoAllocation() noexcept;
    ~NoAllocation();
    NoAllocation(const NoAllocation&) = delete;
    NoAllocation& operator=(const NoAllocation&) = delete;

    /// Heap calls of this thread since the guard was made.
    std::uint64_t violations() const noexcept;

  private:
    std::uint64_t before_;
};

}  // namespace roda
