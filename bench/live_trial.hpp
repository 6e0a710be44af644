// SPDX-License-Identifier: Apache-2.0
// One offered load on one receiver, from the first datagram to the last that arrives.
#pragma once

#include <cstdint>

#include "bench/knee.hpp"
#include "bench/live_receivers.hpp"
#include "bench/live_sender.hpp"

namespace roda::bench {

/// Offers `load` to the receiver at `link` and lets it take turns on this thread until all is in
/// and nothing more comes.
Trial run_trial(LiveSender& sender, LiveReceiver& receiver, const Link& link, const Load& load);

}  // namespace roda::bench
