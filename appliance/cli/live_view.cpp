// SPDX-License-Identifier: Apache-2.0
#include "appliance/cli/live_view.hpp"

#include <poll.h>
#include <unistd.h>
#include <array>
#include <cstdio>
#include <string>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/alerting/lane_path.hpp"
#include "appliance/ingest/grouped.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t line_every_ns = 1'000'000'000;
constexpr std::uint64_t header_every_lines = 20;
constexpr std::uint64_t alerts_shown_per_line = 6;

constexpr const char* red = "\033[31m";
constexpr const char* green = "\033[32m";
constexpr const char* dim = "\033[2m";
constexpr const char* plain = "\033[0m";

const char* colour_of(Transition transition) {
    switch (transition) {
        case Transition::firing:
        case Transition::flapping:
            return red;
        case Transition::resolved:
            return green;
        default:
            return plain;
    }
}

bool can_print() {
    pollfd out{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0;
}

std::uint64_t lost_frames(const dpdk::PortCounters& port) {
    return port.missed + port.errors + port.no_buffer + port.left_at_stop;
}

std::uint64_t refused(const Ledger& ledger) {
    const IngestLedger& ingest = ledger.ingest;
    return ingest.frames_received + ingest.frames_reassembled - ingest.frames_neighbour -
           ingest.frames_diverted - ingest.frames_fragment - ingest.datagrams_accepted;
}

}  // namespace

LiveView::LiveView(const Config& config)
    : alerts_(lane_prefix(config), alert_record_schema, LaneCursor<AlertRecord>::From::head),
      colours_(::isatty(STDOUT_FILENO) == 1),
      began_ns_(monotonic_now_ns()),
      line_ns_(began_ns_) {}

void LiveView::refresh(const Status& status, std::uint64_t now_ns) {
    if (!can_print()) {
        return;  // a stopped terminal or a full pipe: the appliance does not wait for it
    }
    print_alerts();
    if (now_ns - line_ns_ >= line_every_ns) {
        print_rates(status, static_cast<double>(now_ns - line_ns_) / 1e9);
        line_ns_ = now_ns;
    }
    std::fflush(stdout);
}

void LiveView::finish(const Status& status) {
    if (!can_print()) {
        return;
    }
    print_alerts();
    const std::uint64_t now_ns = monotonic_now_ns();
    print_rates(status, static_cast<double>(now_ns - line_ns_ + 1) / 1e9);
    std::fflush(stdout);
}

void LiveView::print_rates(const Status& status, double seconds) {
    if (lines_++ % header_every_lines == 0) {
        std::printf("%s%8s %14s %13s %9s %8s %8s %9s %9s%s\n",
                    colours_ ? dim : "",
                    "time",
                    "readings/s",
                    "datagrams/s",
                    "sensors",
                    "alerts",
                    "firing",
                    "refused",
                    "lost",
                    colours_ ? plain : "");
    }
    const Ledger& now = status.ledger;
    std::uint64_t firing = 0;
    for (const SeriesFigures& rule : status.alerts) {
        firing += rule.firing;
    }
    const auto rate = [seconds](std::uint64_t after, std::uint64_t before) {
        return grouped(static_cast<std::uint64_t>(static_cast<double>(after - before) / seconds));
    };
    std::printf("%7.1fs %14s %13s %9s %8s %8s %9s %9s\n",
                static_cast<double>(monotonic_now_ns() - began_ns_) / 1e9,
                rate(now.detect.readings_accepted, before_.detect.readings_accepted).c_str(),
                rate(now.ingest.datagrams_accepted, before_.ingest.datagrams_accepted).c_str(),
                grouped(now.detect.sensors).c_str(),
                grouped(now.detect.alerts_emitted).c_str(),
                grouped(firing).c_str(),
                grouped(refused(now)).c_str(),
                grouped(lost_frames(now.port)).c_str());
    if (alerts_this_line_ > alerts_shown_per_line) {
        std::printf("          ... and %s more alerts\n",
                    grouped(alerts_this_line_ - alerts_shown_per_line).c_str());
    }
    alerts_this_line_ = 0;
    before_ = now;
}

void LiveView::print_alerts() {
    std::array<AlertRecord, 64> alerts;
    for (;;) {
        const auto polled = alerts_.poll(alerts);
        alerts_this_line_ += polled.missed;
        if (polled.records == 0) {
            return;
        }
        for (std::size_t i = 0; i < polled.records; ++i) {
            if (++alerts_this_line_ > alerts_shown_per_line) {
                continue;
            }
            std::printf("  %s%s%s\n",
                        colours_ ? colour_of(alerts[i].transition) : "",
                        to_text(alerts[i]).c_str(),
                        colours_ ? plain : "");
        }
    }
}

}  // namespace roda::appliance
