// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/detector.hpp"

#include <algorithm>
#include <utility>

namespace roda::appliance {
namespace {

// Of a reload, in each step: some tens of microseconds.
constexpr std::uint32_t groups_of_a_step = 16;
constexpr std::size_t expected_of_a_step = 256;

}  // namespace

Detector::Detector(const Config& config,
                   std::span<Inbox* const> inboxes,
                   AlertLane& lane,
                   std::uint16_t shard,
                   std::uint16_t shards,
                   EmitClock emit_clock,
                   std::optional<SensorHome> home)
    : inboxes_(inboxes),
      writer_(lane, config.node, shard, emit_clock),
      emit_clock_(emit_clock),
      shard_(shard),
      shards_(shards),
      home_(std::move(home)),
      judge_(config, writer_, shard, shards),
      detection_(detection(config.pipeline, judge_)) {
    judge_.take_from(origins_);
}

std::size_t Detector::step() noexcept {
    errands_.turn(*this);
    InboxReader* const inbox = inboxes_.next();
    if (judge_.is_migrating()) {
        migrate_some(inbox == nullptr ? 4 * groups_of_a_step : groups_of_a_step);
    }
    if (inbox == nullptr && emit_clock_ == EmitClock::wall) {
        judge_.pass_time(unix_now_ns());
    }
    if (expected_ != nullptr && emit_clock_ == EmitClock::wall && judge_.now_ns() != 0) {
        expect_some();
    }
    const std::size_t taken = inbox == nullptr ? 0 : judge_burst(*inbox);
    writer_.wake_readers();
    publish();
    if (inbox != nullptr) {
        inbox->pass(taken);
    }
    return taken;
}

/// Up to a tick of the receive clock: what is due then comes before the readings behind it, however
/// they fell into bursts.
std::size_t Detector::judge_burst(InboxReader& inbox) noexcept {
    std::span<const proto::Reading> burst = inbox.peek(burst_records);
    std::size_t before_tick = inbox.count_before(judge_.next_tick_ns(), burst.size());
    if (before_tick == 0) {
        const std::uint64_t receive_ns = inbox.next_receive_ns();
        judge_.pass_time(receive_ns);
        while (expected_ != nullptr && emit_clock_ == EmitClock::none) {
            expect_some();  // all at the first datagram: a replay depends on no burst
        }
        before_tick = inbox.count_before(judge_.next_tick_ns(), burst.size());
    }
    burst = burst.first(before_tick);
    origins_.take_from(inbox);
    auto nothing = [](const proto::Reading&, Cause) {};
    detection_.run(
        burst, inbox.sequence(), [](const proto::Reading&) { return true; }, nothing);
    taken_ += burst.size();
    return burst.size();
}

void Detector::install(std::shared_ptr<RuleEdition> edition) {
    judge_.install(*edition);
    edition_ = std::move(edition);
    expected_ = edition_->book->expected().empty() ? nullptr : edition_.get();
    next_expected_ = 0;
    if (judge_.is_migrating()) {
        groups_to_show_ = detection_.visit_some(0, [](std::uint64_t, SensorState&) {});
    }
}

void Detector::migrate_some(std::uint32_t most) noexcept {
    const auto groups = static_cast<std::uint32_t>(std::min<std::uint64_t>(groups_to_show_, most));
    detection_.visit_some(groups, [this](std::uint64_t sensor_id, SensorState& sensor) {
        judge_.migrate(sensor_id, sensor);
    });
    groups_to_show_ -= groups;
    if (groups_to_show_ == 0) {
        judge_.end_migration();
    }
}

/// Of the inventory's sensors each shard watches those that come to it, or its part of those that
/// may come to any, until one hears of them.
void Detector::expect_some() noexcept {
    const std::span<const ExpectedSensor> all = expected_->book->expected();
    const std::size_t end = std::min(all.size(), next_expected_ + expected_of_a_step);
    for (; next_expected_ < end; ++next_expected_) {
        const ExpectedSensor& expected = all[next_expected_];
        const std::uint64_t id = expected_->book->inventory().entries()[expected.entry].sensor_id;
        SensorState* const sensor =
            is_to_watch(expected, id) ? detection_.find_or_insert(id) : nullptr;
        if (sensor != nullptr) {
            judge_.expect(expected, *sensor);
        }
    }
    if (next_expected_ == all.size()) {
        expected_ = nullptr;
    }
}

bool Detector::is_to_watch(const ExpectedSensor& expected, std::uint64_t sensor_id) const {
    return (home_ ? (*home_)(sensor_id) : expected.entry % shards_) == shard_;
}

bool Detector::order(const ControlRequest& request,
                     std::uint32_t& next,
                     std::uint64_t& done) noexcept {
    if (next == 0 && request.verb != ControlVerb::acknowledge && !request.alarms.id) {
        SensorState* const sensor =
            request.alarms.sensor_id ? detection_.find(*request.alarms.sensor_id) : nullptr;
        done += judge_.shelve_ahead(request, sensor);
    }
    next = judge_.order(request, next, done);
    writer_.wake_readers();
    return next == no_index;
}

void Detector::explain(SensorExplanation& to) {
    to.shard = shard_;
    if (const SensorState* const sensor = detection_.find(to.sensor_id)) {
        judge_.explain(*sensor, to);
    }
}

void Detector::publish() noexcept {
    const OperatorCounts counts = detection_.counts();
    const JudgeCounters& judged = judge_.counters();
    DetectLedger ledger;
    ledger.readings_refused = {judged.non_finite, counts.refused};
    ledger.readings_accepted = taken_ - judged.non_finite - counts.refused;
    ledger.readings_late = judged.late;
    ledger.clock_steps = judged.clock_steps;
    ledger.alerts_emitted = writer_.written();
    ledger.sensors = counts.keys;
    ledger.alarms = judge_.cells().size();
    ledger.alarms_refused = judge_.cells().refused();
    ledger.rule_sets_refused = judge_.sets().refused();
    ledger.windows_late = judge_.windows().late();
    ledger.windows_refused = judge_.windows().refused();
    ledger.points_left_out = judged.points_left_out;
    published_.publish(ledger);
}

}  // namespace roda::appliance
