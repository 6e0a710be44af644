// SPDX-License-Identifier: Apache-2.0
// `roda tail`: a local consumer. Follows the lanes of the alert journal from another process,
// read-only.
#include <unistd.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <set>
#include <string>
#include <utility>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/alerting/lane_path.hpp"
#include "appliance/cli/commands.hpp"
#include "appliance/config/config.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/fleet/lane_cursor.hpp"

namespace roda::appliance {
namespace {

using Cursor = LaneCursor<AlertRecord>;

/// How often the directory is looked at, and whether the writers live. Alerts do not wait for it.
constexpr std::chrono::milliseconds look_every(250);

std::string prefix_of(const TailArguments& arguments) {
    if (!arguments.config.empty()) {
        return lane_prefix(load_config(arguments.config));
    }
    Config config;
    config.instance = arguments.instance;
    return lane_prefix(config);
}

/// What keeps a tail from starting: no lane at all.
void refuse_nothing(const Cursor& cursor, const std::string& place) {
    if (!cursor.lanes().empty()) {
        return;
    }
    if (!cursor.faults().empty()) {
        throw StartupError(cursor.faults().front().what, "", "");
    }
    throw StartupError("no alert journal is there", place, "is `roda run` running?");
}

/// Prints what there is.
void print_new(Cursor& cursor, bool json) {
    std::array<AlertRecord, 256> alerts;
    for (;;) {
        const auto polled = cursor.poll(alerts);
        if (polled.missed != 0) {
            std::fprintf(stderr,
                         "roda tail: %llu alerts were overwritten before they could be read\n",
                         static_cast<unsigned long long>(polled.missed));
        }
        for (std::size_t i = 0; i < polled.records; ++i) {
            std::printf("%s\n", (json ? to_json(alerts[i]) : to_text(alerts[i])).c_str());
        }
        if (polled.records == 0 && polled.missed == 0) {
            std::fflush(stdout);
            return;
        }
    }
}

/// Tells once when a lane's writer falls silent, and once when it is back; once for each file that
/// cannot be read, unless it is only being made at this moment.
class Watch {
  public:
    void look(const Cursor& cursor) {
        for (const Cursor::LaneState& lane : cursor.lanes()) {
            constexpr std::uint64_t silence_ns = 3'000'000'000;
            const bool silent = unix_now_ns() > lane.heartbeat_ns + silence_ns;
            if (silent != silent_.contains(lane.lane)) {
                silent ? void(silent_.insert(lane.lane)) : void(silent_.erase(lane.lane));
                std::fprintf(stderr,
                             "roda tail: the writer of lane %u %s\n",
                             lane.lane,
                             silent ? "shows no sign of life" : "is back");
            }
        }
        std::set<std::string> seen;
        for (const Cursor::Fault& fault : cursor.faults()) {
            seen.insert(fault.what);
            if (seen_.contains(fault.what) && told_.insert(fault.what).second) {
                std::fprintf(stderr, "roda tail: %s\n", fault.what.c_str());
            }
        }
        seen_ = std::move(seen);
    }

  private:
    std::set<std::uint32_t> silent_;
    std::set<std::string> seen_;  // faults of the last look
    std::set<std::string> told_;
};

/// For ever: prints alerts as they come; goes over to new lanes and to files that a writer put in
/// the place of others (a new geometry or layout).
[[noreturn]] void follow(Cursor& cursor, bool json) {
    Watch watch;
    auto next_look = std::chrono::steady_clock::now();
    for (;;) {
        if (std::chrono::steady_clock::now() >= next_look) {
            next_look = std::chrono::steady_clock::now() + look_every;
            const Cursor::Changes changes = cursor.refresh();
            if (changes.replaced != 0) {
                std::fprintf(stderr,
                             "roda tail: the journal was replaced, following the new one\n");
            }
            if (changes.restarted != 0) {
                std::fprintf(stderr, "roda tail: the writer was started again\n");
            }
            watch.look(cursor);
        }
        print_new(cursor, json);
        cursor.wait(look_every);
    }
}

/// SIGINT and SIGTERM end it at once, even while a full pipe holds its output.
void end_on_signals() {
    const auto end = [](int) { ::_exit(0); };
    std::signal(SIGINT, end);
    std::signal(SIGTERM, end);
}

}  // namespace

int run(const TailArguments& arguments) {
    end_on_signals();
    const Cursor::From from = arguments.from_head ? Cursor::From::head : Cursor::From::start;
    const bool is_one = !arguments.journal.empty();
    const std::string place = is_one ? arguments.journal : prefix_of(arguments);
    Cursor cursor = is_one ? Cursor::of_file(place, alert_record_schema, from)
                           : Cursor(place, alert_record_schema, from);
    refuse_nothing(cursor, place);
    if (arguments.follow) {
        follow(cursor, arguments.json);
    }
    print_new(cursor, arguments.json);
    return exit_done;
}

}  // namespace roda::appliance
