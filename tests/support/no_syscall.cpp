// SPDX-License-Identifier: Apache-2.0
#include "tests/support/no_syscall.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>

namespace roda {
namespace {

constexpr long no_call = -1;

long* noted_call = nullptr;  // for the handler

/// The kernel sends SIGSYS in place of the call.
void note_call(int, siginfo_t* info, void*) {
    *noted_call = info->si_syscall;
    SystemCallVerdict::leave(SystemCallVerdict::called);
}

constexpr sock_filter statement(std::uint16_t code, std::uint32_t value) {
    return {code, 0, 0, value};
}

bool install_filter() {
    // Load the number; exit_group passes, all else traps. Another architecture's numbers cannot
    // come from this program.
    std::array<sock_filter, 4> program = {
        statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_exit_group},
        statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        statement(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

SystemCallVerdict::SystemCallVerdict()
    : call_(static_cast<long*>(::mmap(
          nullptr, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (call_ == MAP_FAILED) {
        std::abort();
    }
    *call_ = no_call;
}

SystemCallVerdict::~SystemCallVerdict() {
    ::munmap(call_, sizeof(long));
}

bool SystemCallVerdict::forbid() {
    noted_call = call_;

    struct sigaction action {};

    action.sa_sigaction = note_call;
    action.sa_flags = SA_SIGINFO;
    return ::sigaction(SIGSYS, &action, nullptr) == 0 && install_filter();
}

void SystemCallVerdict::leave(int status) {
    for (;;) {
        ::syscall(SYS_exit_group, status);
    }
}

std::string SystemCallVerdict::text(int child) const {
    if (*call_ != no_call) {
        return "system call " + std::to_string(*call_);
    }
    switch (child) {
        case 0:
            return "none";
        case unsupported:
            return "this kernel has no seccomp filters";
        case failed:
            return "the code did not do what it should";
        default:
            return child < 0 ? "ended by signal " + std::to_string(-child)
                             : "ended with status " + std::to_string(child);
    }
}

}  // namespace roda
