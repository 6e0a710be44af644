// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/send_options.hpp"

#include <limits>
#include <string_view>

#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

constexpr std::size_t max_payload_bytes = 1500 - 40 - 8;  // MTU less IPv6 and UDP headers
constexpr std::uint32_t max_gateways = 1000;              // one descriptor each, of 1024
constexpr std::uint64_t max_sensors = 100'000'000;        // 16 bytes of plan each
constexpr double max_rate_per_gateway = 1e6;              // Plan's timestamps are 1 us apart

// Fields outside the columns: tag and value; columns: tag and a length of two bytes.
constexpr std::size_t header_bytes = 9 + 5 + 9;
constexpr std::size_t column_bytes = 1 + 2;

class Faults {
  public:
    void expect(bool holds, const std::string& fault) {
        if (!holds) {
            text_ += (text_.empty() ? "roda send: " : "\nroda send: ") + fault;
        }
    }

    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

std::string quoted(std::string_view option, const std::string& value, std::string_view what) {
    return std::string(option) + " is " + value + ": " + std::string(what);
}

void check_counts(const SendOptions& options, Faults& faults) {
    faults.expect(options.gateways >= 1 && options.gateways <= max_gateways,
                  quoted("gateways",
                         std::to_string(options.gateways),
                         "give 1 to " + std::to_string(max_gateways)));
    faults.expect(
        options.sensors >= options.gateways && options.sensors >= 1,
        quoted("sensors",
               std::to_string(options.sensors),
               "each of the " + std::to_string(options.gateways) + " gateways needs at least one"));
    faults.expect(options.sensors <= max_sensors,
                  quoted("sensors",
                         std::to_string(options.sensors),
                         "give at most " + std::to_string(max_sensors)));
    const std::size_t most = max_readings_per_datagram(options.form);
    faults.expect(options.readings_per_datagram >= 1 && options.readings_per_datagram <= most,
                  quoted("readings per datagram",
                         std::to_string(options.readings_per_datagram),
                         "give 1 to " + std::to_string(most) +
                             ", what a packet holds unfragmented in this form"));
    const std::uint64_t last_id = options.form == proto::Form::narrow
                                      ? std::numeric_limits<std::uint32_t>::max()
                                      : std::numeric_limits<std::uint64_t>::max();
    faults.expect(options.first_sensor_id >= 1 && options.first_sensor_id <= last_id &&
                      options.sensors - 1 <= last_id - options.first_sensor_id,
                  quoted("first sensor id",
                         std::to_string(options.first_sensor_id),
                         "ids run from 1 to " + std::to_string(last_id) + " in this form"));
}

// Written so that NaN fails each.
void check_rates(const SendOptions& options, Faults& faults) {
    const double max_rate = max_rate_per_gateway * options.gateways;
    faults.expect(options.rate > 0 && options.rate <= max_rate,
                  quoted("rate",
                         std::to_string(options.rate),
                         "give more than 0 and at most 1000000 readings per second and gateway"));
    faults.expect(options.seconds >= 0 && options.seconds <= 1e9,
                  quoted("seconds",
                         std::to_string(options.seconds),
                         "give 0 to run until stopped, or up to 1000000000"));
    faults.expect(options.anomalies_per_second >= 0 && options.anomalies_per_second <= options.rate,
                  quoted("anomalies per second",
                         std::to_string(options.anomalies_per_second),
                         "give 0 for none, or at most the rate"));
    faults.expect(options.newborn_share >= 0 && options.newborn_share <= 0.5,
                  quoted("newborn share", std::to_string(options.newborn_share), "give 0 to 0.5"));
}

}  // namespace

std::size_t max_readings_per_datagram(proto::Form form) noexcept {
    const std::size_t room = max_payload_bytes - header_bytes;
    switch (form) {
        case proto::Form::columns:
            return (room - 3 * column_bytes) / 24;
        case proto::Form::narrow:
            return (room - 9 - 3 * column_bytes) / 16;  // 9: base_time_ns
        case proto::Form::rows:
            return room / 29;
    }
    return 0;
}

void check(const SendOptions& options) {
    Faults faults;
    faults.expect(!options.host.empty(), "no target: give the address of Roda's port");
    faults.expect(options.port != 0, "port is 0: give 1 to 65535");
    check_counts(options, faults);
    check_rates(options, faults);
    if (!faults.text().empty()) {
        throw StartupError(faults.text(), "", "");
    }
}

}  // namespace roda::appliance
