// SPDX-License-Identifier: Apache-2.0
// What simulated gateways say, reading by reading, and which alert transitions it must cause.
// Pure: no clock, no socket; the same options give the same readings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "proto/decoder.hpp"
#include "proto/records.hpp"

namespace roda::appliance {

struct PlanOptions {
    std::uint64_t sensors = 1000;  // of all gateways; at least one each
    std::uint32_t gateways = 4;
    std::uint64_t first_sensor_id = 1;
    double anomalies_per_million = 0;  // planted per million readings; 0: none
    double newborn_share = 0.05;       // of each gateway's sensors, silent until born with a step
    std::uint64_t seed = 1;
    std::uint32_t boot_id = 1;  // another one for each run against the same Roda
};

/// One transition that a planted anomaly must cause.
struct PlantedTransition {
    std::uint64_t sensor_id;
    std::string_view rule;  // a name of the plan's rules, below
    bool firing;            // else resolved
    std::uint64_t event_ns;
    double value;  // of the reading that causes it

    friend bool operator==(const PlantedTransition&, const PlantedTransition&) = default;
};

/// The rules that the transitions are planted for (deploy/quickstart.yaml has the same).
inline constexpr std::string_view value_jump_rule = "value_jump";  // of value, ratio 3
inline constexpr std::string_view mean_jump_rule = "mean_jump";    // of the running mean, ratio 1.5

/// The readings of one datagram, at the front of the caller's space.
struct PlannedDatagram {
    proto::DatagramHeader header;
    std::size_t readings = 0;
};

/// Gateways that each own a contiguous range of sensor ids and read them in turn.
///
/// A sensor's value stays within 5 % of its normal value, so that no rule fires by itself. Two
/// anomalies are planted. Spike: one reading at ten times the normal value (value_jump fires, and
/// resolves at the next). Birth: a sensor never heard of before, whose second and later readings
/// are ten times its first (both rules fire at the second and resolve at the third). A spike waits
/// for a sensor with 64 readings, so that it moves the running mean by less than a fifth.
///
/// Thread: one. Units: timestamps are microseconds apart within a gateway, so that every form of
/// the schema holds them exactly. Cost: no allocation per datagram; planted() grows.
class Plan {
  public:
    explicit Plan(const PlanOptions& options);

    /// The next datagram of a gateway: fills all of `out`, the last reading taken at now_ns.
    ///
    /// Above a million readings a second and gateway, timestamps run ahead of now_ns.
    PlannedDatagram next(std::uint32_t gateway,
                         std::uint64_t now_ns,
                         std::span<proto::Reading> out);

    /// As next(), but only the readings that end an open anomaly, and no new one afterwards.
    /// Call until it has no readings, then the gateway is done.
    PlannedDatagram closing(std::uint32_t gateway,
                            std::uint64_t now_ns,
                            std::span<proto::Reading> out);

    /// All transitions that the datagrams so far must cause, in order of emission.
    std::span<const PlantedTransition> planted() const noexcept { return planted_; }

    /// Forgets the transitions after the first `count`: their datagrams never left. The gateways of
    /// those datagrams must not be continued.
    void retract_planted(std::size_t count);

  private:
    struct Sensor {
        std::uint64_t readings = 0;
        bool anomaly_open = false;  // its next reading resolves
    };

    struct Gateway {
        std::uint64_t first = 0;  // position in sensors_
        std::uint64_t owned = 0;
        std::uint64_t mature = 0;  // the rest is silent until born
        std::uint64_t active = 0;  // born or mature
        std::uint64_t cursor = 0;  // whose turn it is, of the active ones
        std::uint64_t closing_cursor = 0;
        std::uint64_t sequence = 0;
        std::uint64_t last_ns = 0;
        std::uint64_t random = 0;
        std::uint64_t readings_to_anomaly = std::numeric_limits<std::uint64_t>::max();
        bool birth_is_next = false;  // else a spike
    };

    PlannedDatagram stamp(Gateway& gateway,
                          std::uint32_t number,
                          std::uint64_t now_ns,
                          std::span<proto::Reading> readings) const;
    void schedule_anomaly(Gateway& gateway, double waits) const;
    proto::Reading read(Gateway& gateway, std::uint64_t index, std::uint64_t event_ns);
    double normal_value(std::uint64_t sensor_id, std::uint64_t tick) const;
    void plant(const proto::Reading& reading, std::string_view rule, bool firing);

    PlanOptions options_;
    std::vector<Sensor> sensors_;
    std::vector<Gateway> gateways_;
    std::vector<PlantedTransition> planted_;
};

}  // namespace roda::appliance
