// SPDX-License-Identifier: Apache-2.0
// The ledger's balances, each of which must notice a single lost frame, and its written forms.
#include "appliance/ingest/ledger.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "appliance/ingest/grouped.hpp"

namespace roda::appliance {
namespace {

/// Every counter is set, every level closes, and no two reasons are alike.
Ledger closing_ledger() {
    Ledger ledger;
    ledger.port = {
        .received = 1'234'567, .missed = 5, .errors = 0, .no_buffer = 1'000, .left_at_stop = 3};
    ledger.port.fragments = {
        .taken = 12, .joined = 8, .waiting = 2, .datagrams = 4, .dropped = {0, 1, 0, 1}};
    ledger.port.exceptions = {.diverted = 9, .no_room = 2, .delivered = 6, .rejected = 1};

    IngestLedger& ingest = ledger.ingest;
    ingest.frames_received = 1'234'567;
    ingest.frames_reassembled = 4;
    ingest.frames_neighbour = 50;
    ingest.frames_diverted = 9;
    ingest.frames_fragment = 12;
    ingest.frames_refused = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 422};  // 500
    ingest.datagrams_received = 1'234'000;
    ingest.datagrams_malformed = {11, 12, 13, 14};  // 50
    ingest.datagrams_not_admitted = {30, 15, 5};
    ingest.datagrams_accepted = 1'233'900;
    ingest.readings_received = 12'339'000;
    ingest.datagrams_lost = 21;
    ingest.datagrams_reordered = 22;
    ingest.datagrams_untracked = 23;
    ingest.bytes_received = 296'136'000;
    ingest.readings_clamped = 24;

    ledger.detect = {.readings_accepted = 12'338'969,
                     .readings_refused = {30, 1},
                     .alerts_emitted = 8,
                     .sensors = 1'000,
                     .readings_late = 25,
                     .clock_steps = 32,
                     .alarms = 3,
                     .alarms_refused = 26,
                     .rule_sets_refused = 27,
                     .points_left_out = 28,
                     .windows_late = 29,
                     .windows_refused = 31};
    return ledger;
}

TEST(Ledger, EmptyBalances) {
    EXPECT_TRUE(Ledger{}.balanced());
}

TEST(Ledger, BalancesWhenEveryLevelCloses) {
    EXPECT_TRUE(closing_ledger().balanced());
}

TEST(Ledger, EveryCounterOfABalanceCounts) {
    const Ledger good = closing_ledger();
    const auto broken_by_one_more = [&](auto counter_of) {
        Ledger ledger = good;
        ++counter_of(ledger);
        return !ledger.balanced();
    };

    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.port.received; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.ingest.frames_received; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.ingest.frames_neighbour; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.ingest.frames_diverted; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.ingest.frames_fragment; }));
    EXPECT_TRUE(
        broken_by_one_more([](Ledger & l) -> auto& { return l.ingest.frames_reassembled; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.port.fragments.taken; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.port.fragments.joined; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.port.fragments.waiting; }));
    for (std::size_t i = 0; i < dpdk::fragment_drop_count; ++i) {
        EXPECT_TRUE(broken_by_one_more([i](Ledger & l) -> auto& {
            return l.port.fragments.dropped.at(i);
        }));
    }
    EXPECT_TRUE(
        broken_by_one_more([](Ledger & l) -> auto& { return l.ingest.datagrams_received; }));
    EXPECT_TRUE(
        broken_by_one_more([](Ledger & l) -> auto& { return l.ingest.datagrams_accepted; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.ingest.readings_received; }));
    EXPECT_TRUE(broken_by_one_more([](Ledger & l) -> auto& { return l.detect.readings_accepted; }));
    for (std::size_t i = 0; i < proto::frame_refusal_count; ++i) {
        EXPECT_TRUE(
            broken_by_one_more([i](Ledger & l) -> auto& { return l.ingest.frames_refused.at(i); }));
    }
    for (std::size_t i = 0; i < proto::datagram_refusal_count; ++i) {
        EXPECT_TRUE(broken_by_one_more([i](Ledger & l) -> auto& {
            return l.ingest.datagrams_malformed.at(i);
        }));
    }
    for (std::size_t i = 0; i < admission_refusal_count; ++i) {
        EXPECT_TRUE(broken_by_one_more([i](Ledger & l) -> auto& {
            return l.ingest.datagrams_not_admitted.at(i);
        }));
    }
    for (std::size_t i = 0; i < reading_refusal_count; ++i) {
        EXPECT_TRUE(broken_by_one_more([i](Ledger & l) -> auto& {
            return l.detect.readings_refused.at(i);
        }));
    }
}

TEST(Ledger, WhatTheDeviceLostAndWhatSequencesSayIsNoPartOfABalance) {
    Ledger ledger = closing_ledger();
    ledger.port.missed += 1;
    ledger.port.errors += 1;
    ledger.port.no_buffer += 1;
    ledger.ingest.datagrams_lost += 1;
    ledger.ingest.datagrams_reordered += 1;
    ledger.ingest.datagrams_untracked += 1;
    ledger.ingest.bytes_received += 1;
    ledger.detect.alerts_emitted += 1;
    ledger.detect.sensors += 1;
    ledger.detect.readings_late += 1;
    ledger.ingest.readings_clamped += 1;
    EXPECT_TRUE(ledger.balanced());
}

TEST(Ledger, WhileRunningTheLevelsBeforeMayBeAhead) {
    Ledger ledger = closing_ledger();
    EXPECT_TRUE(ledger.balanced_so_far());
    ledger.port.received += 7;
    ledger.ingest.readings_received += 100;
    EXPECT_FALSE(ledger.balanced());
    EXPECT_TRUE(ledger.balanced_so_far());
}

TEST(Ledger, WhileRunningNothingComesFromNowhere) {
    Ledger frames_from_nowhere = closing_ledger();
    frames_from_nowhere.port.received -= 1;
    EXPECT_FALSE(frames_from_nowhere.balanced_so_far());

    Ledger readings_from_nowhere = closing_ledger();
    readings_from_nowhere.detect.readings_accepted += 1;
    EXPECT_FALSE(readings_from_nowhere.balanced_so_far());
}

TEST(Ledger, WhileRunningWhatOneWorkerCountsCloses) {
    Ledger frame_gone = closing_ledger();
    frame_gone.port.received += 1;
    frame_gone.ingest.frames_received += 1;
    EXPECT_FALSE(frame_gone.balanced_so_far());

    Ledger datagram_gone = closing_ledger();
    datagram_gone.ingest.datagrams_accepted -= 1;
    EXPECT_FALSE(datagram_gone.balanced_so_far());
}

TEST(Ledger, JsonIsOneLineWithEveryReasonInFixedOrder) {
    EXPECT_EQ(
        closing_ledger().to_json(),
        R"({"port":{"received":1234567,"missed":5,"errors":0,"no_buffer":1000,"left_at_stop":3},)"
        R"("fragments":{"taken":12,"joined":8,"waiting":2,"datagrams":4,"dropped":{"disabled":0,)"
        R"("malformed":1,"too_long":0,"duplicate":1,"overlap":0,"contradiction":0,"table_full":0,)"
        R"("timeout":0}},"exceptions":{"diverted":9,"no_room":2,"delivered":6,"rejected":1,)"
        R"("sent":0,"unsent":0},)"
        R"("frames":{"received":1234567,"reassembled":4,"neighbour":50,"diverted":9,"fragment":12,)"
        R"("refused":{"truncated":1,"oversized":2,)"
        R"("unknown_ethertype":3,"bad_ip_header":4,"bad_ip_checksum":5,"fragment":6,)"
        R"("wrong_address":7,"broadcast":8,"other_group":9,"unknown_protocol":10,)"
        R"("bad_udp_length":11,"bad_udp_checksum":12,"wrong_port":422}},)"
        R"("datagrams":{"received":1234000,"accepted":1233900,"refused":{"malformed":11,)"
        R"("column_mismatch":12,"too_many_readings":13,"no_readings":14,)"
        R"("duplicate":30,"stale":15,"future":5},)"
        R"("lost":21,"reordered":22,"untracked":23,"bytes":296136000},)"
        R"("readings":{"received":12339000,"accepted":12338969,)"
        R"("refused":{"non_finite":30,"key_table_full":1},"clamped":24,"late":25},)"
        R"("rules":{"alarms":3,"alarms_refused":26,"rule_sets_refused":27,"points_left_out":28,)"
        R"("windows_late":29,"windows_refused":31,"clock_steps":32},)"
        R"("alerts":8,"sensors":1000,"balanced":true})");
}

TEST(Ledger, JsonSaysWhenItDoesNotBalance) {
    Ledger ledger;
    ledger.port.received = 1;
    EXPECT_NE(ledger.to_json().find(R"("balanced":false})"), std::string::npos);
}

TEST(Ledger, TextShowsOneRowPerLevelAndOnlyReasonsThatOccurred) {
    Ledger ledger = closing_ledger();
    ledger.ingest.frames_refused = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 500};
    EXPECT_EQ(
        ledger.to_text(),
        "             received    accepted  neighbour  diverted  fragment  refused\n"
        "port        1,235,575   1,234,567                                   1,008  missed 5, "
        "no_buffer 1,000, left_at_stop 3\n"
        "frames      1,234,567   1,234,000         50         9        12      500  "
        "wrong_port 500\n"
        "datagrams   1,234,000   1,233,900                                     100  malformed 11, "
        "column_mismatch 12, too_many_readings 13, no_readings 14, duplicate 30, stale 15, future "
        "5\n"
        "readings   12,339,000  12,338,969                                      31  non_finite 30, "
        "key_table_full 1\n"
        "8 alerts, 1,000 sensors, 296,136,000 bytes; "
        "datagrams reassembled 4, lost 21, reordered 22, untracked 23\n"
        "rules: readings clamped 24, late 25, clock steps 32, alarms refused 26, rule sets refused "
        "27, points left out 28, late for windows 29, windows refused 31\n"
        "balanced\n");
}

TEST(Ledger, TextIsSilentOfRulesThatDoAsConfigured) {
    EXPECT_EQ(Ledger{}.to_text().find("rules:"), std::string::npos);
}

TEST(Ledger, TextNamesEveryLevelThatDoesNotClose) {
    Ledger ledger = closing_ledger();
    ledger.port.received += 3;
    ledger.detect.readings_accepted -= 1'000;
    const std::string text = ledger.to_text();
    const std::string last_line = text.substr(text.rfind('\n', text.size() - 2) + 1);
    EXPECT_EQ(last_line,
              "NOT balanced: port: 1,234,570 received, 1,234,567 accounted for; "
              "readings: 12,339,000 received, 12,338,000 accounted for\n");
}

TEST(Grouped, PutsACommaBeforeEveryThreeDigits) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1'000), "1,000");
    EXPECT_EQ(grouped(123'456), "123,456");
    EXPECT_EQ(grouped(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace roda::appliance
