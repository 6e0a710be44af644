// SPDX-License-Identifier: Apache-2.0
#include "pipeline/store/wake.hpp"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <climits>
#include <ctime>

namespace roda {
namespace {

long membarrier(int command) noexcept {
    return ::syscall(SYS_membarrier, command, 0, 0);
}

// Not FUTEX_PRIVATE: the words may be shared between processes.
long futex(std::atomic<std::uint32_t>& word,
           int operation,
           std::uint32_t value,
           const timespec* timeout) noexcept {
    return ::syscall(SYS_futex, &word, operation, value, timeout, nullptr, 0);
}

}  // namespace

Wake::Wake(WakeWords& words) noexcept
    : words_(&words), barrier_there_(membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED) == 0) {}

void Wake::wake_all() noexcept {
    words_->waiting.exchange(0, std::memory_order_seq_cst);
    words_->generation.fetch_add(1, std::memory_order_seq_cst);  // B1
    futex(words_->generation, FUTEX_WAKE, INT_MAX, nullptr);
}

std::uint32_t Wake::announce() noexcept {
    const std::uint32_t generation = words_->generation.load(std::memory_order_seq_cst);
    words_->waiting.store(1, std::memory_order_seq_cst);  // A1
    if (barrier_there_) {
        membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);  // A2
    }
    return generation;
}

void Wake::sleep(std::uint32_t generation, std::chrono::nanoseconds patience) noexcept {
    const auto nap = barrier_there_ ? patience : std::min(patience, unsure_nap);
    const timespec timeout{static_cast<time_t>(nap.count() / 1'000'000'000),
                           static_cast<long>(nap.count() % 1'000'000'000)};
    futex(words_->generation, FUTEX_WAIT, generation, &timeout);
}

}  // namespace roda
