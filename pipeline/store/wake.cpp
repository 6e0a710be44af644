// SPDX-License-Identifier: Apache-2.0
#include "pipeline/store/wake.hpp"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

namespace roda {
namespace {

constexpr auto unsure_nap_ns = static_cast<std::uint64_t>(Wake::unsure_nap.count());

timespec to_timespec(std::uint64_t ns) noexcept {
    return {static_cast<time_t>(ns / 1'000'000'000u), static_cast<long>(ns % 1'000'000'000u)};
}

bool membarrier(int command) noexcept {
    return ::syscall(SYS_membarrier, command, 0, 0) == 0;
}

// Not FUTEX_PRIVATE: the words may be shared between processes.
void futex_wake_all(std::atomic<std::uint32_t>& word) noexcept {
    ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void futex_wait(std::atomic<std::uint32_t>& word,
                std::uint32_t value,
                std::uint64_t patience_ns) noexcept {
    const timespec relative = to_timespec(patience_ns);
    ::syscall(SYS_futex, &word, FUTEX_WAIT, value, &relative, nullptr, 0);
}

}  // namespace

Wake::Wake(WakeWords& words) noexcept
    : words_(&words), must_exchange_(!membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED)) {}

void Wake::ring_always() noexcept {
    words_->waiting.exchange(0, std::memory_order_acq_rel);      // E
    words_->generation.fetch_add(1, std::memory_order_seq_cst);  // B1
    futex_wake_all(words_->generation);
}

void Wake::wake_if_waiting() noexcept {
    // Of several publishers one takes the announcement, and wakes for all.
    if (words_->waiting.exchange(0, std::memory_order_acq_rel) != 0) {  // E
        words_->generation.fetch_add(1, std::memory_order_seq_cst);     // B1
        futex_wake_all(words_->generation);
    }
}

Wake::Announced Wake::announce(std::span<Wake* const> bells) noexcept {
    Announced announced;
    const std::size_t count = std::min(bells.size(), most_bells);
    for (std::size_t i = 0; i < count; ++i) {
        announced.generations[i] = bells[i]->words_->generation.load(std::memory_order_seq_cst);
        bells[i]->words_->waiting.exchange(1, std::memory_order_acq_rel);  // A1
    }
    announced.is_sure = membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED) && count == bells.size();  // A2
    return announced;
}

void Wake::sleep(std::span<Wake* const> bells,
                 const Announced& announced,
                 std::uint64_t patience_ns) noexcept {
    const std::size_t count = std::min(bells.size(), most_bells);
    if (!announced.is_sure) {
        patience_ns = std::min(patience_ns, unsure_nap_ns);
    }
    if (count == 1) {
        futex_wait(bells[0]->words_->generation, announced.generations[0], patience_ns);
        return;
    }
    std::array<::futex_waitv, most_bells> waiters{};
    for (std::size_t i = 0; i < count; ++i) {
        waiters[i].uaddr = reinterpret_cast<std::uintptr_t>(&bells[i]->words_->generation);
        waiters[i].val = announced.generations[i];
        waiters[i].flags = FUTEX_32;
    }
    const timespec until = to_timespec(monotonic_now_ns() + patience_ns);
    if (count == 0 ||
        (::syscall(SYS_futex_waitv, waiters.data(), count, 0, &until, CLOCK_MONOTONIC) < 0 &&
         errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)) {
        const timespec nap = to_timespec(std::min(patience_ns, unsure_nap_ns));
        ::nanosleep(&nap, nullptr);
    }
}

}  // namespace roda
