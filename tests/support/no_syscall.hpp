// SPDX-License-Identifier: Apache-2.0
// Proof that code makes no system call: it runs in a forked child under a seccomp filter that lets
// nothing pass but the child's end.
//
// A filter, not SECCOMP_MODE_STRICT: that one lets read and write pass, and takes the time stamp
// counter away, so that reading the clock, which is no system call, would end the child.
#pragma once

#include <string>

#include "tests/pipeline/child_process.hpp"

namespace roda {

/// Memory that the child leaves its verdict in.
class SystemCallVerdict {
  public:
    SystemCallVerdict();
    ~SystemCallVerdict();
    SystemCallVerdict(const SystemCallVerdict&) = delete;
    SystemCallVerdict& operator=(const SystemCallVerdict&) = delete;

    /// From here on, the first system call of this thread ends the process and is noted here.
    /// Returns false when the kernel has no seccomp filters.
    bool forbid();

    /// Ends this process, the one way that is left. Not [[noreturn]]: before a call of such a
    /// function AddressSanitizer makes a system call of its own.
    static void leave(int status);

    /// "none", or what happened instead. `child`: as of ChildProcess::wait().
    std::string text(int child) const;

    static constexpr int unsupported = 77;
    static constexpr int called = 78;
    static constexpr int failed = 79;

  private:
    long* call_;  // the number of the first call, -1 when there is none
};

/// The first system call of hot code: "none", or which. `prepare()` builds everything, warms it up
/// and returns the code: a callable that says whether it did what it should. All in a child.
template <class Prepare>
std::string first_system_call(const Prepare& prepare) {
    SystemCallVerdict verdict;
    ChildProcess child([&] {
        auto hot = prepare();
        if (!verdict.forbid()) {
            return SystemCallVerdict::unsupported;
        }
        // No destructor runs: giving memory back is a system call, and none of this code's.
        SystemCallVerdict::leave(hot() ? 0 : SystemCallVerdict::failed);
        return SystemCallVerdict::failed;
    });
    return verdict.text(child.wait());
}

}  // namespace roda
