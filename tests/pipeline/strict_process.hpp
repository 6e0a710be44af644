// SPDX-License-Identifier: Apache-2.0
// Whether something makes no system call: it runs in a process that the kernel would end for one.
#pragma once

#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/pipeline/child_process.hpp"

namespace roda {

/// Runs `body` in a child. It calls what it is given when it has made all it needs; from there on
/// its thread may only read and write. True when it came to its end.
///
/// The end is told through a pipe: ThreadSanitizer's own thread would outlive an exit.
template <class Body>
bool makes_no_system_call(const Body& body) {
    int ends[2];
    if (::pipe(ends) != 0) {
        return false;
    }
    ChildProcess child([&] {
        body([] { ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); });
        ::syscall(SYS_write, ends[1], "", 1);
        ::syscall(SYS_exit, 0);
        return 1;
    });
    ::close(ends[1]);
    pollfd end{ends[0], POLLIN, 0};
    char byte = 0;
    const bool came = ::poll(&end, 1, 10'000) == 1 && ::read(ends[0], &byte, 1) == 1;
    ::close(ends[0]);
    child.kill();
    return came;
}

}  // namespace roda
