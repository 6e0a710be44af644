// SPDX-License-Identifier: Apache-2.0
// One transition of one alert, as it lies in the shared-memory alert journal.
//
//   0        8        16       24                                 56   60  61  62    64
//   | id     | sensor | device | rule name, NUL-padded, 32 bytes  |rule|trn|sev|queue|
//   64       72        80      88        96       104       112          120   121 122   124  128
//   | value  | reference | limit | event_ns | receive_ns | emit_ns | cause  |lvl|why|shard|group|
//   128                                                                           176         192
//   | subject: the sensor's or group's name in the inventory, NUL-padded, 48 bytes | reserved   |
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "appliance/config/rule.hpp"
#include "appliance/rules/alarm_point.hpp"

namespace roda::appliance {

/// The life of an occurrence, which keeps one id from its first transition to its last:
///
///   -> pending -> firing -> resolved        pending only where a rule delays; firing may be first
///   -> pending -> cancelled
///   firing -> acknowledged -> resolved      a latching alert resolves only when acknowledged, too
///   firing -> flapping -> firing, resolved  says nothing more until it is steady
///   any -> shelved -> unshelved             hidden by an operator for a time; its state goes on
enum class Transition : std::uint8_t {
    pending,
    cancelled,
    firing,
    resolved,
    acknowledged,
    flapping,
    shelved,
    unshelved,
};

inline constexpr std::size_t transition_count = 8;
inline constexpr std::array<std::string_view, transition_count> transition_names = {
    "pending",
    "cancelled",
    "firing",
    "resolved",
    "acknowledged",
    "flapping",
    "shelved",
    "unshelved",
};

/// What brought a transition about.
enum class Reason : std::uint8_t {
    reading,  // the sensor's own
    time,     // a delay, an interval or a silence ended
    person,   // acknowledged, shelved
    reload,   // its rule is gone or another one
    group,    // an alert of a sensor of the group
};

inline constexpr std::array<std::string_view, 5> reason_names = {
    "reading", "time", "person", "reload", "group"};

inline constexpr std::size_t rule_name_bytes = 32;
inline constexpr std::size_t subject_bytes = 48;

/// Shape: 192 bytes, three cache lines, no padding. Units: times are Unix nanoseconds.
struct AlertRecord {
    std::uint64_t id;         // NetId64 of the occurrence: kind 1, node, counter (alert_net_id)
    std::uint64_t sensor_id;  // of a group's alert: the one that made it
    std::uint64_t device_id;  // 0: known only by its source address
    std::array<char, rule_name_bytes> rule_name;
    std::uint32_t rule;  // position in the config's list
    Transition transition;
    Severity severity;
    std::uint16_t queue;     // of the port, that the reading came to
    double value;            // the figure that was judged
    double reference;        // what it was compared with; the limit itself where there is no other
    double limit;            // the rule's
    std::uint64_t event_ns;  // when it happened, by the clock of the readings
    std::uint64_t receive_ns;  // arrival of the causing reading's datagram
    std::uint64_t emit_ns;     // when this record was written; 0 in a replay
    std::uint64_t cause;  // sequence of the reading, of those from `queue` to this lane's shard
    Level level;
    Reason reason;
    std::uint16_t shard;
    std::uint32_t group;  // number of the group; no_index: the alert is a sensor's
    std::array<char, subject_bytes> subject;
    std::array<std::uint64_t, 2> reserved;
};

static_assert(sizeof(AlertRecord) == 192 && std::is_trivially_copyable_v<AlertRecord>);

/// Stands in the journal's header; a reader refuses any other.
inline constexpr std::uint64_t alert_record_schema = 0x524f'4441'414c'5402;  // "RODAALT", version 2

}  // namespace roda::appliance
