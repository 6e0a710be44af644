// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/alert_writer.hpp"

#include "pipeline/base/clock.hpp"

namespace roda::appliance {

AlertWriter::AlertWriter(AlertLane& lane,
                         std::uint16_t node,
                         std::uint16_t shard,
                         EmitClock emit_clock)
    : lane_(lane), node_(node), shard_(shard), emit_clock_(emit_clock) {}

void AlertWriter::write(AlertRecord& record, std::uint32_t series) noexcept {
    record.shard = shard_;
    record.emit_ns = emit_clock_ == EmitClock::wall ? unix_now_ns() : 0;
    lane_.append(record);
    tally_.count(series, record.transition);
}

}  // namespace roda::appliance
