// SPDX-License-Identifier: Apache-2.0
// All shards of a process, one for each queue of its port: their workers, their sums, their end.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "appliance/exporter/status.hpp"
#include "appliance/ingest/counter_sum.hpp"
#include "appliance/shard.hpp"
#include "pipeline/base/check.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/engine/workers.hpp"

namespace roda::appliance {

/// Thread: built, started, drained and destroyed by one; status() and pages() by any.
/// Errors: StartupError when there is no memory.
template <FrameSource Source>
class ShardGroup {
  public:
    /// One shard for each source, with the lane of the same place.
    ShardGroup(const Config& config,
               std::span<Source* const> sources,
               std::span<AlertLane* const> lanes,
               EmitClock emit_clock)
        : sources_(sources.begin(), sources.end()),
          by_sensor_(config.pipeline.partition == Partition::sensor && sources.size() > 1),
          exchange_(
              std::make_shared<Exchange>(config.pipeline, burst_shape(config), sources.size())) {
        check(sources.size() == lanes.size(), "each shard has a lane");
        for (std::size_t i = 0; i < sources.size(); ++i) {
            shards_.push_back(std::make_unique<Shard<Source>>(
                config, *sources[i], *lanes[i], emit_clock, exchange_, i));
        }
        workers_of_.resize(shards_.size());
    }

    std::size_t size() const noexcept { return shards_.size(); }

    /// Judges by these rules. Thread: no worker runs yet.
    void install(const std::shared_ptr<RuleEdition>& edition) {
        for (const auto& shard : shards_) {
            shard->detector().install(edition);
        }
    }

    /// The same while the workers run; returns when no sensor is judged by the rules before.
    /// False: a worker does not answer. Thread: any but the workers'.
    bool reload(const std::shared_ptr<RuleEdition>& edition) {
        const bool installed = on_each([&](Detector& detector) {
            detector.install(edition);
            return true;
        });
        return installed && on_each([](const Detector& detector) { return detector.is_settled(); });
    }

    /// Has the shards do what a person asked; the alarms and rules that it concerned. nullopt: a
    /// worker does not answer. Thread: any but the workers'.
    std::optional<std::uint64_t> order(const ControlRequest& request) {
        std::uint64_t done = 0;
        std::uint32_t next = 0;
        const bool ran = on_each([&](Detector& detector) {
            const bool is_last = detector.order(request, next, done);
            next = is_last ? 0 : next;
            return is_last;
        });
        return ran ? std::optional(done) : std::nullopt;
    }

    /// What each shard that knows the sensor says of it. nullopt: a worker does not answer, so that
    /// nobody knows. Thread: any but the workers'.
    std::optional<std::vector<SensorExplanation>> explain(std::uint64_t sensor_id) {
        std::vector<SensorExplanation> all;
        const bool ran = on_each([&](Detector& detector) {
            SensorExplanation one;
            one.sensor_id = sensor_id;
            detector.explain(one);
            if (one.known) {
                all.push_back(std::move(one));
            }
            return true;
        });
        return ran ? std::optional(std::move(all)) : std::nullopt;
    }

    Shard<Source>& operator[](std::size_t number) noexcept { return *shards_[number]; }

    Pages pages() const noexcept { return exchange_->pages(); }

    /// Adds one worker for each shard, or two where there are two cores for each: its ingest's,
    /// then its detection's. Those that take readings are started before those that bring them,
    /// and drained after them.
    ///
    /// Errors: StartupError unless there are no cores, size() or twice size().
    void add_workers(Workers& workers, std::span<const std::uint32_t> cores) {
        const std::size_t each = cores.size() > size() ? 2 : 1;
        if (!cores.empty() && cores.size() != each * size()) {
            throw StartupError(
                std::to_string(cores.size()) + " cores for " + std::to_string(size()) + " queues",
                "pipeline.cores",
                "give one or two for each queue, or none");
        }
        for (std::size_t part = 0; part < each; ++part) {
            for (std::size_t i = 0; i < size(); ++i) {
                const auto core =
                    cores.empty() ? std::nullopt : std::optional(cores[each * i + part]);
                workers_of_[i].push_back(&workers.add({.name = worker_name(i, part, each),
                                                       .core = core,
                                                       .rest = rest_of(i, part, each)},
                                                      turn_of(*shards_[i], part, each)));
            }
        }
    }

    /// Ends the workers when they have taken what arrived, or patience is over; then finishes for
    /// them, so that no inbox holds a reading.
    void drain(Workers& workers, std::chrono::milliseconds patience) {
        const auto deadline = Clock::now() + patience;
        for (const auto& worker : workers.all()) {
            worker->drain(std::max(until(deadline), std::chrono::milliseconds(0)));
        }
        // By sensor, a queue may still have brought readings to a shard whose worker had ended, and
        // may have been held back by them.
        for (const auto& shard : shards_) {
            while (shard->ingest_turn() != 0 && Clock::now() < deadline) {
                detect_all();
            }
        }
        detect_all();
    }

    /// Takes whatever the inboxes hold. Thread: no worker runs.
    void detect_all() noexcept {
        for (const auto& shard : shards_) {
            while (shard->detect_step() != 0) {
            }
        }
    }

    /// Adds what the shards have counted to `status`: detection first (Status, Order). Alerts of as
    /// many series as status.alerts has.
    void add_to(Status& status) const {
        status.shards.resize(size());
        for (std::size_t i = 0; i < size(); ++i) {
            add_detection(*shards_[i], status, status.shards[i]);
        }
        for (std::size_t i = 0; i < size(); ++i) {
            const IngestLedger ingest = shards_[i]->ingest_ledger();
            add_counters(status.ledger.ingest, ingest);
            status.shards[i].frames = ingest.frames_received;
            status.shards[i].waits_for_room = ingest.waits_for_room;
            for (const Worker* worker : workers_of_[i]) {
                const WorkerCounters counters = worker->counters();
                status.shards[i].busy_steps += counters.busy_turns;
                status.shards[i].idle_steps += counters.idle_turns;
            }
        }
    }

  private:
    using Clock = std::chrono::steady_clock;

    /// Longer than any rest of a worker.
    static constexpr std::chrono::seconds errand_patience{2};

    bool on_each(const Errands<Detector>::Errand& errand) {
        return std::all_of(shards_.begin(), shards_.end(), [&](const auto& shard) {
            return shard->detector().errands().run(errand, errand_patience);
        });
    }

    static std::chrono::milliseconds until(Clock::time_point deadline) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    }

    static std::string worker_name(std::size_t number, std::size_t part, std::size_t each) {
        const char* const work = each == 1 ? "shard" : part == 0 ? "ingest" : "detect";
        return "rd:" + std::string(work) + std::to_string(number);
    }

    static Worker::Turn turn_of(Shard<Source>& shard, std::size_t part, std::size_t each) {
        if (each == 1) {
            return [&shard] { return shard.step(); };
        }
        if (part == 0) {
            return [&shard] { return shard.ingest_turn(); };
        }
        return [&shard] { return shard.detect_step(); };
    }

    /// A worker whose only work comes from its queue sleeps as the queue knows how. One that other
    /// queues bring readings to looks at its inboxes as often as any worker looks at its work.
    std::function<void()> rest_of(std::size_t number, std::size_t part, std::size_t each) const {
        if constexpr (requires(Source & source) { source.wait(); }) {
            const bool only_its_queue = each == 1 ? !by_sensor_ : part == 0;
            if (only_its_queue) {
                return [queue = sources_[number]] { queue->wait(); };
            }
        }
        return nullptr;
    }

    static void add_detection(const Shard<Source>& shard, Status& status, ShardStatus& own) {
        const DetectLedger detect = shard.detector().ledger();
        add_counters(status.ledger.detect, detect);
        own.readings = detect.readings_accepted;
        for (const std::uint64_t refused : detect.readings_refused) {
            own.readings += refused;
        }
        own.sensors = detect.sensors;
        for (std::uint32_t series = 0; series < status.alerts.size(); ++series) {
            shard.detector().tally().add_to(status.alerts[series], series);
        }
    }

    std::vector<Source*> sources_;
    bool by_sensor_;
    std::shared_ptr<Exchange> exchange_;
    std::vector<std::unique_ptr<Shard<Source>>> shards_;
    std::vector<std::vector<const Worker*>> workers_of_;  // by shard; theirs as long as the Workers
};

}  // namespace roda::appliance
