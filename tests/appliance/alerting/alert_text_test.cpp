// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/alert_text.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <limits>

#include "pipeline/fleet/net_id.hpp"

namespace roda::appliance {
namespace {

AlertRecord sample() {
    AlertRecord record{};
    record.id = NetId64::make(1, 3, 42).bits;
    record.sensor_id = 417;
    record.device_id = 2;
    std::ranges::copy(std::string_view("value_jump"), record.rule_name.begin());
    record.transition = Transition::firing;
    record.severity = Severity::critical;
    record.value = 213.1;
    record.reference = 21.3;
    record.limit = 3;
    record.event_ns = 1'700'000'000'000'000'001;
    record.receive_ns = 1'700'000'000'000'000'002;
    record.emit_ns = 1'700'000'000'000'005'002;
    record.queue = 1;
    record.cause = 99;
    return record;
}

TEST(AlertText, JsonHasEveryFieldInOrder) {
    EXPECT_EQ(to_json(sample()),
              R"({"id":"1:3:42","rule":"value_jump","transition":"firing","severity":"critical",)"
              R"("sensor_id":417,"device_id":2,"value":213.1,"reference":21.3,"limit":3,)"
              R"("event_ns":1700000000000000001,"receive_ns":1700000000000000002,)"
              R"("emit_ns":1700000000000005002,"queue":1,"cause":99})");
}

TEST(AlertText, JsonLeavesOutTheEmitTimeOfAReplayAndWritesNullForNoNumber) {
    AlertRecord record = sample();
    record.emit_ns = 0;
    record.value = std::numeric_limits<double>::quiet_NaN();
    const std::string json = to_json(record);
    EXPECT_EQ(json.find("emit_ns"), std::string::npos);
    EXPECT_NE(json.find("\"value\":null"), std::string::npos);
}

TEST(AlertText, TextTellsTheJumpAndTheDelay) {
    EXPECT_EQ(to_text(sample()),
              "firing    critical  value_jump       sensor 417      21.3 -> 213.1   device 2   "
              "5.0 us after arrival");
}

TEST(AlertText, RecordsFromANewerWriterDoNotCrashTheReader) {
    AlertRecord record = sample();
    record.transition = static_cast<Transition>(200);
    record.severity = static_cast<Severity>(77);
    record.rule_name.fill('x');  // no terminating NUL
    EXPECT_EQ(rule_name(record).size(), rule_name_bytes);
    EXPECT_NE(to_json(record).find("\"transition\":\"unknown\",\"severity\":\"unknown\""),
              std::string::npos);
}

}  // namespace
}  // namespace roda::appliance
