// SPDX-License-Identifier: Apache-2.0
#include "appliance/alerting/alert_text.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <limits>

#include "appliance/ingest/utf8_text.hpp"
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
    record.shard = 2;
    record.group = no_index;
    return record;
}

AlertRecord level_sample() {
    AlertRecord record = sample();
    record.level = Level::hihi;
    record.limit = 200;
    record.reference = 200;
    std::ranges::copy(std::string_view("TI-101"), record.subject.begin());
    return record;
}

AlertRecord group_sample() {
    AlertRecord record = sample();
    record.group = 7;
    record.reason = Reason::group;
    std::ranges::copy(std::string_view("hall 7"), record.subject.begin());
    return record;
}

TEST(AlertText, JsonHasEveryFieldInOrder) {
    EXPECT_EQ(to_json(sample()),
              R"({"id":"1:3:42","rule":"value_jump","transition":"firing","severity":"critical",)"
              R"("reason":"reading","sensor_id":417,"device_id":2,"value":213.1,"reference":21.3,)"
              R"("limit":3,"event_ns":1700000000000000001,"receive_ns":1700000000000000002,)"
              R"("emit_ns":1700000000000005002,"queue":1,"shard":2,"cause":99})");
}

TEST(AlertText, JsonHasLevelSubjectAndGroupWhereThereAre) {
    EXPECT_NE(to_json(level_sample())
                  .find(R"("severity":"critical","level":"hihi","reason":"reading",)"
                        R"("sensor_id":417,"subject":"TI-101","device_id":2)"),
              std::string::npos);
    EXPECT_NE(to_json(group_sample())
                  .find(R"("reason":"group","sensor_id":417,"subject":"hall 7","group":7,)"),
              std::string::npos);
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
              "firing        critical  value_jump       sensor 417      21.3 -> 213.1   device 2   "
              "5.0 us after arrival");
}

TEST(AlertText, TextTellsALevelItsLimitAndItsSensorsName) {
    EXPECT_EQ(to_text(level_sample()),
              "firing        critical  value_jump hihi  sensor 417      TI-101 213.1, limit 200   "
              "device 2   5.0 us after arrival");
}

TEST(AlertText, TextTellsTheGroupAndWhatButAReadingBroughtItAbout) {
    EXPECT_EQ(to_text(group_sample()),
              "firing        critical  value_jump       group hall 7 by sensor 417      "
              "21.3 -> 213.1   device 2   by group");
    AlertRecord record = sample();
    record.transition = Transition::acknowledged;
    record.reason = Reason::person;
    EXPECT_EQ(to_text(record),
              "acknowledged  critical  value_jump       sensor 417      21.3 -> 213.1   device 2   "
              "by person");
}

TEST(AlertText, AnIdReadsBack) {
    const std::uint64_t id = NetId64::make(1, 65535, NetId64::counter_mask).bits;
    EXPECT_EQ(NetId64::parse(net_id_text(id)), NetId64{id});
    EXPECT_EQ(net_id_text(sample().id), "1:3:42");
}

TEST(AlertText, RecordsFromANewerWriterDoNotCrashTheReader) {
    AlertRecord record = sample();
    record.transition = static_cast<Transition>(200);
    record.severity = static_cast<Severity>(77);
    record.level = static_cast<Level>(99);
    record.reason = static_cast<Reason>(99);
    record.rule_name.fill('x');  // no terminating NUL
    record.subject.fill('y');
    EXPECT_EQ(rule_name(record).size(), rule_name_bytes);
    EXPECT_EQ(subject_of(record), std::string(subject_bytes, 'y'));
    EXPECT_NE(to_json(record).find("\"transition\":\"unknown\",\"severity\":\"unknown\","
                                   "\"level\":\"unknown\",\"reason\":\"unknown\""),
              std::string::npos);
    record.value = -std::numeric_limits<double>::max();
    EXPECT_NE(to_text(record).find("unknown"), std::string::npos);
}

TEST(AlertText, ANameIsAlwaysWholeCharacters) {
    AlertRecord record = sample();
    record.subject.fill('a');
    std::ranges::copy(std::string_view("\xc3\xa9"), record.subject.begin());
    record.subject.back() = '\xe2';  // the rest did not fit
    EXPECT_EQ(subject_of(record), "\xc3\xa9" + std::string(subject_bytes - 3, 'a'));
    record.subject = {'a', '\n', '\xff', '\xed', '\xa0', '\x80', 'b'};
    EXPECT_EQ(subject_of(record), "a?????b");
}

TEST(Utf8Text, KeepsCharactersOfEveryLengthAndNothingElse) {
    const std::string good = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xa1";
    EXPECT_EQ(utf8_text(good), good);
    EXPECT_EQ(without_cut_character(good), good);
    for (std::size_t cut = 1; cut < 4; ++cut) {
        EXPECT_EQ(without_cut_character(std::string_view(good).substr(0, good.size() - cut)),
                  good.substr(0, good.size() - 4));
    }
    // Longer than need be, beyond the last character, a lone continuation, a control character.
    EXPECT_EQ(utf8_text("\xc0\xaf|\xe0\x80\xaf|\xf0\x80\x80\xaf|\xf4\x90\x80\x80|\x80|\x7f"),
              "??|???|????|????|?|?");
    EXPECT_EQ(utf8_text(""), "");
    EXPECT_EQ(without_cut_character(""), "");
}

}  // namespace
}  // namespace roda::appliance
