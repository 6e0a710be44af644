// SPDX-License-Identifier: Apache-2.0
// What a user would write instead of Roda, from the datagram in memory on: libprotobuf and
// std::unordered_map. Its alerts must be equal to Roda's to the bit: only the machinery differs.
#pragma once

#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "appliance/alarms/alert_record.hpp"
#include "bench/digest.hpp"
#include "bench/plain_maps.hpp"
#include "telemetry.pb.h"

namespace roda::bench {

/// An alert as the kernel program keeps it.
struct PlainAlert {
    std::uint64_t sensor_id;
    std::uint32_t rule;
    appliance::Transition transition;
    double value;
    double reference;
};

/// A message on an arena that never asks the heap.
class ArenaParser {
  public:
    using Message = telemetry::v1::Datagram;

    template <class Body>
    void parse(std::span<const std::byte> datagram, const Body& body) {
        google::protobuf::ArenaOptions options;
        options.initial_block = memory_.data();
        options.initial_block_size = memory_.size();
        google::protobuf::Arena arena(options);
        auto* const message = google::protobuf::Arena::CreateMessage<Message>(&arena);
        if (message->ParseFromArray(datagram.data(), static_cast<int>(datagram.size()))) {
            body(*message);
        }
    }

  private:
    alignas(64) std::array<char, 65'536> memory_;
};

/// One message for all datagrams: its columns keep their room.
class ReusedMessageParser {
  public:
    using Message = telemetry::v1::Datagram;

    template <class Body>
    void parse(std::span<const std::byte> datagram, const Body& body) {
        if (message_.ParseFromArray(datagram.data(), static_cast<int>(datagram.size()))) {
            body(message_);
        }
    }

  private:
    Message message_;
};

/// Datagrams to alerts. It is spared frames, checksums, a bound on devices and sensors, and the
/// rows and the narrow form of the schema.
///
/// Thread: one.
template <class Parser, class Sensors>
class KernelProgram {
  public:
    explicit KernelProgram(const appliance::Config& config) : sensors_(config) {}

    void take(std::span<const std::byte> datagram) {
        parser_.parse(datagram, [this](const telemetry::v1::Datagram& message) { take(message); });
    }

    /// Forgets the alerts and what was counted; sensors and devices stay known.
    void restart() noexcept {
        alerts_.clear();
        datagrams_ = readings_ = missing_ = 0;
    }

    std::uint64_t datagrams() const noexcept { return datagrams_; }

    std::uint64_t readings() const noexcept { return readings_; }

    /// Datagrams that the devices' sequence numbers miss.
    std::uint64_t missing() const noexcept { return missing_; }

    /// Of the alerts since restart(), how many and which; as FollowedLane::value() has it.
    std::uint64_t digest() const {
        Digest digest;
        for (const PlainAlert& alert : alerts_) {
            digest.add(alert.sensor_id);
            digest.add(std::uint64_t{alert.rule} << 8 |
                       static_cast<std::uint64_t>(alert.transition));
            digest.add(alert.value);
            digest.add(alert.reference);
        }
        digest.add(alerts_.size());
        constexpr std::uint64_t missed_alerts = 0;
        digest.add(missed_alerts);
        return digest.value();
    }

  private:
    struct Device {
        std::uint32_t boot_id = 0;
        std::uint64_t newest = 0;
    };

    // By pointers: libprotobuf's accessors check each index in a build that keeps assertions.
    void take(const telemetry::v1::Datagram& message) {
        const int readings = message.value_size();
        if (message.sensor_id_size() != readings || message.timestamp_ns_size() != readings ||
            !is_new(message)) {
            return;
        }
        ++datagrams_;
        readings_ += static_cast<std::uint64_t>(readings);
        const std::uint64_t* ids = message.sensor_id().data();
        const double* values = message.value().data();
        const std::uint64_t* times_ns = message.timestamp_ns().data();
        for (int i = 0; i < readings; ++i) {
            if (!std::isfinite(values[i])) {
                continue;
            }
            const PlainChange change = sensors_.take({ids[i], values[i], times_ns[i]});
            if (change.firing != change.was) {
                raise(change);
            }
        }
    }

    /// Late datagrams are taken for duplicates: the link of this benchmark keeps their order.
    bool is_new(const telemetry::v1::Datagram& message) {
        Device& device = devices_[message.device_id()];
        if (device.boot_id != message.boot_id()) {
            device = {message.boot_id(), message.sequence()};
            return true;
        }
        if (message.sequence() <= device.newest) {
            return false;
        }
        missing_ += message.sequence() - device.newest - 1;
        device.newest = message.sequence();
        return true;
    }

    void raise(const PlainChange& change) {
        sensors_.rules().for_each_alert(
            change,
            [&](std::uint32_t rule,
                appliance::Transition transition,
                double value,
                double reference) {
                alerts_.push_back({change.sensor_id, rule, transition, value, reference});
            });
    }

    Parser parser_;
    Sensors sensors_;
    std::unordered_map<std::uint64_t, Device> devices_;
    std::vector<PlainAlert> alerts_;
    std::uint64_t datagrams_ = 0;
    std::uint64_t readings_ = 0;
    std::uint64_t missing_ = 0;
};

}  // namespace roda::bench
