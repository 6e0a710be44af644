// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/sender.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <limits>
#include <span>
#include <vector>

#include "appliance/simulator/datagram_batch.hpp"
#include "appliance/simulator/gateway_socket.hpp"
#include "appliance/simulator/pacer.hpp"
#include "appliance/simulator/plan.hpp"
#include "appliance/simulator/planted_file.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t longest_sleep_ns = 50'000'000;  // so that `stop` is seen
constexpr std::uint64_t retry_pause_ns = 200'000;
constexpr std::uint64_t grace_ns = second_ns;  // for the last datagrams, when the kernel refuses

void sleep_until(std::uint64_t wake_ns) noexcept {
    const std::uint64_t latest_ns = std::min(wake_ns, monotonic_now_ns() + longest_sleep_ns);
    const timespec when{.tv_sec = static_cast<time_t>(latest_ns / second_ns),
                        .tv_nsec = static_cast<long>(latest_ns % second_ns)};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
}

PlanOptions plan_options(const SendOptions& options) {
    return {.sensors = options.sensors,
            .gateways = options.gateways,
            .first_sensor_id = options.first_sensor_id,
            .anomalies_per_million = options.anomalies_per_second / options.rate * 1e6,
            .newborn_share = options.newborn_share,
            .seed = options.seed,
            // Another for each run, else Roda would take its datagrams for duplicates.
            .boot_id = static_cast<std::uint32_t>(unix_now_ns() / 1'000'000) | 1};
}

class Sender {
  public:
    Sender(const SendOptions& options, const std::atomic<bool>& stop, const SendProgress& progress)
        : options_(options),
          stop_(stop),
          progress_(progress),
          target_(resolve_target(options.host, options.port)),
          plan_(plan_options(options)),
          batch_(options.form, options.readings_per_datagram),
          abandoned_(options.gateways, 0) {
        sockets_.reserve(options.gateways);
        for (std::uint32_t gateway = 0; gateway < options.gateways; ++gateway) {
            sockets_.emplace_back(target_);
        }
        start_timer();
    }

    SendSummary run() {
        for (std::uint32_t gateway = 0; gateway < options_.gateways; ++gateway) {
            introduce(gateway);
        }
        start_timer();
        send_paced();
        summary_.seconds = static_cast<double>(monotonic_now_ns() - start_ns_) / 1e9;
        for (std::uint32_t gateway = 0; gateway < options_.gateways; ++gateway) {
            close_anomalies(gateway);
        }
        summary_.alerts_expected = plan_.planted().size();
        return summary_;
    }

    std::span<const PlantedTransition> planted() const { return plan_.planted(); }

  private:
    void start_timer() {
        start_ns_ = monotonic_now_ns();
        end_ns_ = options_.seconds > 0
                      ? start_ns_ + static_cast<std::uint64_t>(options_.seconds * 1e9)
                      : std::numeric_limits<std::uint64_t>::max();
        next_progress_ns_ = start_ns_ + second_ns;
    }

    bool over() const {
        return stop_.load(std::memory_order_relaxed) || monotonic_now_ns() >= end_ns_;
    }

    /// Sends a gateway's first datagram and waits until it has left this host.
    ///
    /// While a neighbour's address is unknown, the kernel holds only some 90 datagrams for it and
    /// drops the rest in silence, and all of them when the neighbour does not answer for three
    /// seconds. So nothing follows before the first one is through, and it is sent again when it
    /// was dropped: the summary stays exact from the first datagram on.
    void introduce(std::uint32_t gateway) {
        batch_.clear();
        add_next(gateway);
        const SendSummary before = summary_;
        while (deliver(gateway)) {
            while (sockets_[gateway].unsent_bytes() > 0 && !over()) {
                sleep_until(monotonic_now_ns() + second_ns / 1000);
                report_progress();
            }
            const int fault = sockets_[gateway].take_error();
            if (fault != EHOSTUNREACH && sockets_[gateway].unsent_bytes() == 0) {
                return;
            }
            summary_.datagrams = before.datagrams;
            summary_.readings = before.readings;
            summary_.bytes = before.bytes;
            if (over()) {
                give_up(gateway, 0);
                break;
            }
            note_failure(fault);
        }
        if (!stop_.load(std::memory_order_relaxed)) {
            throw StartupError(summary_.send_errors == 0 ? "nobody answers"
                                                         : "nobody answers: " + summary_.last_error,
                               target_.name,
                               "is `roda run` up, and are both ends in one network?");
        }
    }

    void send_paced() {
        Pacer pacer(
            options_.rate / options_.readings_per_datagram, start_ns_, DatagramBatch::capacity);
        std::uint32_t turn = 0;
        while (!over()) {
            const std::uint64_t now_ns = monotonic_now_ns();
            const std::uint64_t due = pacer.due(now_ns);
            send_due(turn, due);
            turn = static_cast<std::uint32_t>((turn + due) % options_.gateways);
            pacer.sent(due, now_ns);
            report_progress();
            sleep_until(std::min(pacer.next_wake_ns(), end_ns_));
        }
    }

    /// `due` datagrams, one gateway after the other from `turn` on, each gateway's in one call.
    void send_due(std::uint32_t turn, std::uint64_t due) {
        const std::uint64_t gateways = options_.gateways;
        for (std::uint64_t offset = 0; offset < std::min(due, gateways); ++offset) {
            const auto gateway = static_cast<std::uint32_t>((turn + offset) % gateways);
            if (abandoned_[gateway] != 0) {
                continue;
            }
            batch_.clear();
            for (std::uint64_t number = offset; number < due; number += gateways) {
                add_next(gateway);
            }
            deliver(gateway);
        }
    }

    void close_anomalies(std::uint32_t gateway) {
        while (abandoned_[gateway] == 0) {
            batch_.clear();
            const std::size_t planted_before = plan_.planted().size();
            const PlannedDatagram datagram =
                plan_.closing(gateway, unix_now_ns(), batch_.readings());
            if (datagram.readings == 0) {
                return;
            }
            batch_.add(datagram, planted_before);
            deliver(gateway);
        }
    }

    void add_next(std::uint32_t gateway) {
        const std::size_t planted_before = plan_.planted().size();
        batch_.add(plan_.next(gateway, unix_now_ns(), batch_.readings()), planted_before);
    }

    /// Sends the whole batch, again and again what the kernel refuses. False: time was over first.
    bool deliver(std::uint32_t gateway) {
        std::size_t done = 0;
        while (done < batch_.size()) {
            const int sent = sockets_[gateway].send(batch_.messages_from(done));
            if (sent > 0) {
                const std::size_t until = done + static_cast<std::size_t>(sent);
                for (; done < until; ++done) {
                    ++summary_.datagrams;
                    summary_.readings += batch_.readings(done);
                    summary_.bytes += batch_.bytes(done);
                }
                continue;
            }
            note_failure(-sent);
            report_progress();
            if (grace_is_over()) {
                give_up(gateway, done);
                return false;
            }
            // ECONNREFUSED tells of an earlier datagram and is gone once read.
            if (-sent != ECONNREFUSED) {
                sleep_until(monotonic_now_ns() + retry_pause_ns);
            }
        }
        return true;
    }

    void note_failure(int fault) {
        ++summary_.send_errors;
        if (fault != last_fault_) {
            last_fault_ = fault;
            summary_.last_error = std::strerror(fault);
        }
    }

    bool grace_is_over() {
        if (!over()) {
            return false;
        }
        const std::uint64_t now_ns = monotonic_now_ns();
        if (grace_end_ns_ == 0) {
            grace_end_ns_ = now_ns + grace_ns;
        }
        return now_ns >= grace_end_ns_;
    }

    /// The rest of the batch never leaves, so nothing is expected from it. The plan has already
    /// moved on, so this gateway sends no more.
    void give_up(std::uint32_t gateway, std::size_t first_unsent) {
        plan_.retract_planted(batch_.planted_before(first_unsent));
        abandoned_[gateway] = 1;
    }

    void report_progress() {
        const std::uint64_t now_ns = monotonic_now_ns();
        if (now_ns < next_progress_ns_ || !progress_) {
            return;
        }
        next_progress_ns_ = now_ns + second_ns;
        summary_.alerts_expected = plan_.planted().size();
        summary_.seconds = static_cast<double>(now_ns - start_ns_) / 1e9;
        progress_(summary_);
    }

    const SendOptions& options_;
    const std::atomic<bool>& stop_;
    const SendProgress& progress_;
    SocketTarget target_;
    std::vector<GatewaySocket> sockets_;
    Plan plan_;
    DatagramBatch batch_;
    std::vector<std::uint8_t> abandoned_;  // by gateway
    SendSummary summary_;
    int last_fault_ = 0;
    std::uint64_t start_ns_ = 0;
    std::uint64_t end_ns_ = 0;
    std::uint64_t grace_end_ns_ = 0;  // 0: not begun
    std::uint64_t next_progress_ns_ = 0;
};

}  // namespace

std::string SendSummary::to_json() const {
    std::array<char, 32> seconds_text{};
    std::snprintf(seconds_text.data(), seconds_text.size(), "%.3f", seconds);
    return "{\"datagrams\":" + std::to_string(datagrams) +
           ",\"readings\":" + std::to_string(readings) + ",\"bytes\":" + std::to_string(bytes) +
           ",\"send_errors\":" + std::to_string(send_errors) +
           ",\"alerts_expected\":" + std::to_string(alerts_expected) +
           ",\"seconds\":" + seconds_text.data() + ",\"last_error\":\"" + last_error + "\"}";
}

SendSummary run_gateways(const SendOptions& options,
                         const std::atomic<bool>& stop,
                         const SendProgress& progress) {
    check(options);
    PlantedFile file(options.planted_path);
    Sender sender(options, stop, progress);
    const SendSummary summary = sender.run();
    file.write(sender.planted());
    return summary;
}

}  // namespace roda::appliance
