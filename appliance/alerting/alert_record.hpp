// SPDX-License-Identifier: Apache-2.0
// One transition of one rule on one sensor, as it lies in the shared-memory alert journal.
//
//   0        8        16       24                                 56   60  61  62    64
//   | id     | sensor | device | rule name, NUL-padded, 32 bytes  |rule|trn|sev|queue|
//   64       72        80      88        96       104       112          120        128
//   | value  | reference | limit | event_ns | receive_ns | emit_ns | cause sequence | reserved |
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "appliance/config/config.hpp"

namespace roda::appliance {

enum class Transition : std::uint8_t { firing, resolved };

inline constexpr std::size_t transition_count = 2;
inline constexpr std::array<std::string_view, transition_count> transition_names = {"firing",
                                                                                    "resolved"};
inline constexpr std::size_t severity_count = 3;
inline constexpr std::array<std::string_view, severity_count> severity_names = {
    "info", "warning", "critical"};

inline constexpr std::size_t rule_name_bytes = 32;

/// Shape: 128 bytes, two cache lines, no padding. Units: times are Unix nanoseconds.
struct AlertRecord {
    std::uint64_t id;  // NetId64: kind 1, node, counter (alert_net_id)
    std::uint64_t sensor_id;
    std::uint64_t device_id;  // 0: known only by its source address
    std::array<char, rule_name_bytes> rule_name;
    std::uint32_t rule;  // position in the config's list
    Transition transition;
    Severity severity;
    std::uint16_t queue;       // of the port, that the reading came to
    double value;              // the watched figure that crossed
    double reference;          // what it was compared with
    double limit;              // the rule's ratio
    std::uint64_t event_ns;    // the reading's timestamp
    std::uint64_t receive_ns;  // arrival of its datagram
    std::uint64_t emit_ns;     // when this record was written; 0 in a replay
    std::uint64_t cause;  // sequence of the reading, of those from `queue` to this lane's shard
    std::uint64_t reserved1;
};

static_assert(sizeof(AlertRecord) == 128 && std::is_trivially_copyable_v<AlertRecord>);

/// Stands in the journal's header; a reader refuses any other.
inline constexpr std::uint64_t alert_record_schema = 0x524f'4441'414c'5401;  // "RODAALT", version 1

}  // namespace roda::appliance
