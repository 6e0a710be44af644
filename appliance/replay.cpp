// SPDX-License-Identifier: Apache-2.0
#include "appliance/replay.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include "appliance/ingest/capture_source.hpp"
#include "appliance/shard.hpp"
#include "dpdk/eal.hpp"
#include "dpdk/port.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/engine/workers.hpp"

namespace roda::appliance {
namespace {

using OnAlert = std::function<void(const AlertRecord&)>;

/// The lane of a replay: private memory, read out after every detection step, so that a ring for
/// the alerts of two steps never laps.
class ReplayLane {
  public:
    ReplayLane(std::size_t rules, const OnAlert& on_alert)
        : lane_({.capacity_records = 4 * Detector::burst_records *
                                     std::clamp<std::size_t>(rules, 1, most_alerts_of_a_reading)}),
          reader_(lane_.reader()),
          on_alert_(on_alert) {}

    AlertLane& lane() noexcept { return lane_; }

    void hand_out() {
        std::array<AlertRecord, 64> alerts;
        for (;;) {
            const auto polled = reader_.poll(alerts);
            if (polled.missed != 0) {
                throw StartupError("more alerts in one burst than the replay's lane holds",
                                   "replay",
                                   "give the rules a narrower match");
            }
            if (polled.records == 0) {
                return;
            }
            std::for_each_n(alerts.begin(), polled.records, on_alert_);
        }
    }

  private:
    static constexpr std::size_t most_alerts_of_a_reading = 16;  // on average, in two steps

    AlertLane lane_;
    AlertLane::Reader reader_;
    const OnAlert& on_alert_;
};

template <FrameSource Source>
Ledger ledger_of(const Shard<Source>& shard,
                 std::uint64_t received,
                 const dpdk::FragmentCounters& fragments) {
    Ledger ledger;
    ledger.port.received = received;
    ledger.port.fragments = fragments;
    ledger.ingest = shard.ingest_ledger();
    ledger.detect = shard.detector().ledger();
    return ledger;
}

template <FrameSource Source>
void run_inline(Shard<Source>& shard, ReplayLane& lane) {
    std::size_t work = 0;
    do {
        work = shard.ingest_step();
        while (shard.detect_step() != 0) {
            lane.hand_out();
        }
    } while (work != 0);
}

void run_threads(Shard<CaptureSource>& shard, ReplayLane& lane, std::uint64_t frames) {
    Workers workers;
    workers.add({.name = "ingest"}, [&] { return shard.ingest_turn(); });
    workers.add({.name = "detect"}, [&] {
        const std::size_t taken = shard.detect_step();
        lane.hand_out();
        return taken;
    });
    workers.start();
    // Waits for the last frame, so that patience bounds the drain alone.
    constexpr std::chrono::seconds patience(60);
    while (shard.ingest_ledger().frames_received < frames && workers.failure().empty()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    workers.stop(patience);
    if (const std::string failure = workers.failure(); !failure.empty()) {
        throw StartupError(failure, "replay", "");
    }
}

/// Polls until every frame of the file has come; a driver that stops short is an error.
void run_port(Shard<dpdk::RxQueue>& shard, ReplayLane& lane, std::uint64_t frames) {
    constexpr std::uint64_t silence_max_ns = 2'000'000'000;
    std::uint64_t last_work_ns = monotonic_now_ns();
    while (shard.ingest_ledger().frames_received < frames) {
        const std::uint64_t before = shard.ingest_ledger().frames_received;
        run_inline(shard, lane);
        const std::uint64_t now_ns = monotonic_now_ns();
        if (shard.ingest_ledger().frames_received != before) {
            last_work_ns = now_ns;
        } else if (now_ns - last_work_ns > silence_max_ns) {
            throw StartupError("the port delivered " + std::to_string(before) + " of " +
                                   std::to_string(frames) + " frames",
                               "net_pcap",
                               "more buffers (port.buffers) may help");
        }
    }
}

Ledger replay_port(const Config& config,
                   const std::string& capture,
                   std::uint64_t frames,
                   ReplayLane& lane) {
    if (capture.find(',') != std::string::npos) {
        throw StartupError("DPDK device strings cannot hold a comma", capture, "rename the file");
    }
    const std::string device = "net_pcap0,rx_pcap=" + capture;
    const dpdk::Eal eal({.devices = {device},
                         .hugepages = dpdk::Hugepages::never,
                         .memory_mb = config.memory_mb,
                         .extra_args = {}});
    dpdk::PortOptions options = config.port.options;
    options.device = device;
    options.promiscuous = false;
    options.queues = 1;                   // the order of frames is the order of the file
    options.exception_interface.clear();  // what was captured is no business of this kernel's
    dpdk::Port port(eal, options);
    const auto shard = std::make_unique<Shard<dpdk::RxQueue>>(
        config, port.rx_queue(), lane.lane(), EmitClock::none);
    port.start();
    run_port(*shard, lane, frames);
    const dpdk::PortCounters counters = port.counters();
    const Ledger ledger = ledger_of(*shard, counters.received, counters.fragments);
    port.stop();
    return ledger;
}

}  // namespace

ReplayOutcome replay(const Config& config,
                     const std::string& capture,
                     ReplayVia via,
                     const OnAlert& on_alert) {
    CaptureSource source(capture, config.port.options.reassembly);
    const std::uint64_t frames = source.frames();
    ReplayLane lane(config.rules.size(), on_alert);
    if (via == ReplayVia::port) {
        return {replay_port(config, capture, frames, lane), source.truncated()};
    }
    const auto shard =
        std::make_unique<Shard<CaptureSource>>(config, source, lane.lane(), EmitClock::none);
    if (via == ReplayVia::threads) {
        run_threads(*shard, lane, frames);
    } else {
        run_inline(*shard, lane);
    }
    return {ledger_of(*shard, frames, source.fragments()), source.truncated()};
}

}  // namespace roda::appliance
