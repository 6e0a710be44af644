// SPDX-License-Identifier: Apache-2.0
#include "bench/live_trial.hpp"

#include <algorithm>
#include <optional>

#include "pipeline/base/clock.hpp"

namespace roda::bench {
namespace {

constexpr std::uint64_t look_every_ns = 200'000;  // for the sender's word that all was sent
constexpr std::uint64_t quiet_ns = 30'000'000;    // nothing more comes: more than any nap

std::uint64_t thread_cpu_ns() noexcept {
    return read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/// What is still on its way from before.
void drain(LiveReceiver& receiver) {
    std::uint64_t last_ns = monotonic_now_ns();
    while (monotonic_now_ns() - last_ns < quiet_ns) {
        if (receiver.turn() != 0) {
            last_ns = monotonic_now_ns();
        }
    }
}

}  // namespace

Trial run_trial(LiveSender& sender, LiveReceiver& receiver, const Link& link, const Load& load) {
    drain(receiver);
    const Received before = receiver.received();
    const std::uint64_t cpu_before_ns = thread_cpu_ns();
    std::uint64_t cpu_ns = 0;  // until the last datagram was taken
    sender.begin(load, link.receiver_text());
    std::optional<Sent> sent;
    std::uint64_t look_ns = 0;
    for (std::uint64_t last_ns = monotonic_now_ns();;) {
        const bool idle = receiver.turn() == 0;
        const std::uint64_t now_ns = monotonic_now_ns();
        if (!sent && now_ns >= look_ns) {
            sent = sender.finished();
            look_ns = now_ns + look_every_ns;
        }
        if (!idle || !sent) {
            last_ns = now_ns;
            cpu_ns = 0;
        } else if (cpu_ns == 0) {
            cpu_ns = thread_cpu_ns() - cpu_before_ns;
        } else if (now_ns - last_ns > quiet_ns) {
            break;
        }
    }
    const Received after = receiver.received();
    const double took_ns = static_cast<double>(sent->took_ns);
    Trial trial{.offered_per_second = static_cast<double>(sent->datagrams) / took_ns * 1e9,
                .sent = sent->datagrams,
                .arrived = after.datagrams - before.datagrams,
                .gaps = after.missing - before.missing};
    trial.cpu_ns = static_cast<double>(cpu_ns) / static_cast<double>(std::max<std::uint64_t>(
                                                     after.readings - before.readings, 1));
    constexpr double near_enough = 0.97;
    trial.sender_kept_up = trial.offered_per_second >= near_enough * load.datagrams_per_second;
    return trial;
}

}  // namespace roda::bench
