// SPDX-License-Identifier: Apache-2.0
// A second process of a test: forked, so that it shares no memory but what it maps.
#pragma once

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <optional>

namespace roda {

/// Runs `body` in a fork; its int is the exit status. Killed at destruction if it still runs.
class ChildProcess {
  public:
    template <class Body>
    explicit ChildProcess(const Body& body) : pid_(::fork()) {
        if (pid_ == 0) {
            // Sanitizers and gtest must not turn a child's death into anything else.
            ::signal(SIGSEGV, SIG_DFL);
            int status = 255;
            try {
                status = body();
            } catch (...) {
            }
            ::_exit(status);
        }
    }

    ~ChildProcess() {
        kill();
        wait();
    }

    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// No clean-up of any kind runs in the child: the crash that recovery is for.
    void kill() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
        }
    }

    /// The exit status; minus the signal when one ended it.
    int wait() {
        if (pid_ > 0) {
            int status = 0;
            ::waitpid(pid_, &status, 0);
            result_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
            pid_ = -1;
        }
        return result_;
    }

  private:
    pid_t pid_;
    int result_ = -1;
};

}  // namespace roda
