// SPDX-License-Identifier: Apache-2.0
// `roda status`: what a running appliance shows in shared memory, read-only.
#include <unistd.h>
#include <chrono>
#include <cstdio>

#include "appliance/cli/awaited_signals.hpp"
#include "appliance/cli/commands.hpp"
#include "appliance/cli/place.hpp"
#include "appliance/exporter/status_text.hpp"

namespace roda::appliance {
namespace {

/// Prints the picture; exit_runtime when the appliance does not run.
int print(const Place& place, const StatusArguments& arguments) {
    const StatusDetail detail{.top = arguments.top,
                              .silence_ns = arguments.silent_seconds * 1'000'000'000};
    const StatusPicture picture = read_status(place.directory, place.instance);
    if (arguments.json) {
        std::printf("%s\n", to_json(picture, detail).c_str());
    } else {
        std::printf("%s", to_text(picture, detail).c_str());
    }
    std::fflush(stdout);
    if (picture.alive) {
        return exit_done;
    }
    std::fprintf(stderr, "roda status: %s\n", not_running(picture).c_str());
    return exit_runtime;
}

/// Once a second until a signal comes or the appliance ends.
int watch(const Place& place, const StatusArguments& arguments) {
    constexpr std::chrono::seconds tick(1);
    constexpr const char* clear_screen = "\033[H\033[2J";
    const AwaitedSignals signals;
    const bool clears = !arguments.json && ::isatty(STDOUT_FILENO) == 1;
    for (;;) {
        if (clears) {
            std::printf("%s", clear_screen);
        }
        if (const int code = print(place, arguments);
            code != exit_done || std::ferror(stdout) != 0) {
            return code;
        }
        if (signals.wait_for(tick)) {
            return exit_done;
        }
        if (!arguments.json && !clears) {
            std::printf("\n");
        }
    }
}

}  // namespace

int run(const StatusArguments& arguments) {
    const Place place = place_of(arguments.appliance);
    return arguments.watch ? watch(place, arguments) : print(place, arguments);
}

}  // namespace roda::appliance
