// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/alert_writer.hpp"

#include <algorithm>
#include <bit>

namespace roda::appliance {

AlertWriter::AlertWriter(AlertLane& lane,
                         std::span<const JumpRule> rules,
                         std::uint16_t node,
                         std::uint16_t shard)
    : lane_(lane), node_(node), shard_(shard) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        Template made{};
        made.of = rules[i].of;
        made.record.rule = static_cast<std::uint32_t>(i);
        made.record.severity = rules[i].severity;
        made.record.limit = rules[i].ratio;
        // The last byte stays 0: readers may take the name for a C string.
        std::copy_n(rules[i].name.begin(),
                    std::min(rules[i].name.size(), rule_name_bytes - 1),
                    made.record.rule_name.begin());
        templates_.push_back(made);
    }
}

void AlertWriter::write(const RuleChange& change,
                        const ReadingOrigin& origin,
                        std::uint64_t emit_ns) noexcept {
    for (unsigned bits = change.raised | change.cleared; bits != 0; bits &= bits - 1) {
        const auto rule = static_cast<std::size_t>(std::countr_zero(bits));
        const bool raised = (change.raised >> rule & 1u) != 0;
        write_one(
            rule, raised ? Transition::firing : Transition::resolved, change, origin, emit_ns);
    }
}

void AlertWriter::write_one(std::size_t rule,
                            Transition transition,
                            const RuleChange& change,
                            const ReadingOrigin& origin,
                            std::uint64_t emit_ns) noexcept {
    AlertRecord record = templates_[rule].record;
    record.id = alert_net_id(node_, shard_, lane_.written()).bits;
    record.sensor_id = change.sensor_id;
    record.device_id = origin.device_id;
    record.transition = transition;
    record.queue = origin.queue;
    record.value = change.now.watched(templates_[rule].of);
    record.reference = change.before.watched(templates_[rule].of);
    record.event_ns = origin.timestamp_ns;
    record.receive_ns = origin.receive_ns;
    record.emit_ns = emit_ns;
    record.cause = origin.sequence;
    lane_.append(record);
    ++counts_[rule][static_cast<std::size_t>(transition)];
}

}  // namespace roda::appliance
