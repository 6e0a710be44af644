// SPDX-License-Identifier: Apache-2.0
// The balance of everything that came: received = accepted + refused by reason, at each level.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "dpdk/port.hpp"
#include "proto/decoder.hpp"
#include "proto/frame.hpp"

namespace roda::appliance {

/// Why a decoded datagram is not taken in.
enum class AdmissionRefusal : std::uint8_t {
    duplicate,  // this device sent this sequence number before
    stale,      // too old to tell from a duplicate (devices.hpp)
    future,     // a reading from beyond ingest.max_future_skew_ms
};

inline constexpr std::size_t admission_refusal_count = 3;
inline constexpr std::array<std::string_view, admission_refusal_count> admission_refusal_names = {
    "duplicate", "stale", "future"};

/// Why a reading does not reach the rules.
enum class ReadingRefusal : std::uint8_t {
    non_finite,      // NaN or infinity
    key_table_full,  // a new sensor beyond pipeline.max_sensors
};

inline constexpr std::size_t reading_refusal_count = 2;
inline constexpr std::array<std::string_view, reading_refusal_count> reading_refusal_names = {
    "non_finite", "key_table_full"};

/// What one queue's ingest counts, or all of them: frames and datagrams, and the readings handed
/// on. Nothing but 64-bit counters (counter_sum.hpp).
struct IngestLedger {
    std::uint64_t frames_received = 0;
    std::uint64_t frames_neighbour = 0;    // ARP, neighbour discovery, ping for this host
    std::uint64_t frames_diverted = 0;     // handed to the kernel's exception interface
    std::uint64_t frames_fragment = 0;     // pieces of datagrams, taken to be put together
    std::uint64_t frames_reassembled = 0;  // made from pieces; judged like those received
    std::array<std::uint64_t, proto::frame_refusal_count> frames_refused{};

    std::uint64_t datagrams_received = 0;
    std::uint64_t datagrams_accepted = 0;
    std::array<std::uint64_t, proto::datagram_refusal_count> datagrams_malformed{};
    std::array<std::uint64_t, admission_refusal_count> datagrams_not_admitted{};

    std::uint64_t readings_received = 0;  // of accepted datagrams: written to reading journals

    // Told apart, not part of a balance: what the sequence numbers say.
    std::uint64_t datagrams_lost = 0;       // gaps; a late arrival takes its gap back
    std::uint64_t datagrams_reordered = 0;  // out of order, and not twice
    std::uint64_t datagrams_untracked = 0;  // no sequence number, or the device table is full
    std::uint64_t devices_refused = 0;      // of those untracked: the table was full
    std::uint64_t devices = 0;              // that are followed now
    std::uint64_t bytes_received = 0;       // UDP payload
    std::uint64_t readings_clamped = 0;     // from the future, taken for readings of their arrival
    std::uint64_t waits_for_room = 0;       // times that a full journal kept ingest from polling
};

/// What one shard's detection counts, or all of them: readings to alerts. Only counters, too.
struct DetectLedger {
    std::uint64_t readings_accepted = 0;
    std::array<std::uint64_t, reading_refusal_count> readings_refused{};
    std::uint64_t alerts_emitted = 0;  // transitions written to the alert journal
    std::uint64_t sensors = 0;

    // Told apart, not part of a balance: what rules could not do as configured.
    std::uint64_t readings_late = 0;      // before their sensor's newest: accepted, not judged
    std::uint64_t clock_steps = 0;        // times that a sensor's clock was set back
    std::uint64_t alarms = 0;             // not at rest now: pending, standing, shelved
    std::uint64_t alarms_refused = 0;     // that pipeline.max_alarms left no room for
    std::uint64_t rule_sets_refused = 0;  // sensors without rules: pipeline.max_rule_sets are taken
    std::uint64_t points_left_out = 0;    // that a sensor matched beyond max_points_per_sensor
    std::uint64_t windows_late = 0;       // readings whose windows had all closed
    std::uint64_t windows_refused = 0;    // that pipeline.window_memory_mb left no room for
};

/// The whole way, from the device's counters to the alert journal.
struct Ledger {
    dpdk::PortCounters port;
    IngestLedger ingest;
    DetectLedger detect;

    /// Whether every level closes: port to frames to datagrams to readings.
    bool balanced() const noexcept;

    /// The same while the workers run: frames and datagrams close, counted as they are in one cell;
    /// the port may be ahead of ingest, and ingest ahead of detection, never the other way round.
    ///
    /// Order: holds when detect was read before ingest, and ingest before port.
    bool balanced_so_far() const noexcept;

    /// One JSON object, keys in a fixed order.
    std::string to_json() const;

    /// A table for people.
    std::string to_text() const;
};

}  // namespace roda::appliance
