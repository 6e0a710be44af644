// SPDX-License-Identifier: Apache-2.0
// `roda status`: what a running appliance shows in shared memory, read-only.
#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "appliance/cli/commands.hpp"
#include "appliance/cli/stop_signals.hpp"
#include "appliance/config/config.hpp"
#include "appliance/exporter/status_text.hpp"

namespace roda::appliance {
namespace {

struct StatusArguments {
    std::string config;
    std::string instance = Config().instance;
    std::string directory = Config().alerts.directory;
    bool json = false;
    bool watch = false;
    std::size_t top = 10;
    std::uint64_t silent_seconds = 60;
};

struct Place {
    std::string directory;
    std::string instance;
};

Place place_of(const StatusArguments& arguments) {
    if (arguments.config.empty()) {
        return {arguments.directory, arguments.instance};
    }
    const Config config = load_config(arguments.config);
    return {config.alerts.directory, config.instance};
}

/// Prints the picture; 1 when the appliance does not run.
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
        return 0;
    }
    std::fprintf(stderr, "roda status: %s\n", not_running(picture).c_str());
    return 1;
}

/// Once a second until a signal comes or the appliance ends.
int watch(const Place& place, const StatusArguments& arguments) {
    constexpr std::chrono::seconds tick(1);
    constexpr const char* clear_screen = "\033[H\033[2J";
    const StopSignals signals;
    const bool clears = !arguments.json && ::isatty(STDOUT_FILENO) == 1;
    for (;;) {
        if (clears) {
            std::printf("%s", clear_screen);
        }
        if (const int code = print(place, arguments); code != 0 || std::ferror(stdout) != 0) {
            return code;
        }
        if (signals.wait_for(tick)) {
            return 0;
        }
        if (!arguments.json && !clears) {
            std::printf("\n");
        }
    }
}

int run_status(const StatusArguments& arguments) {
    const Place place = place_of(arguments);
    return arguments.watch ? watch(place, arguments) : print(place, arguments);
}

}  // namespace

void add_status(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "status", "Print the counters, rules and devices of a running appliance");
    const auto arguments = std::make_shared<StatusArguments>();
    CLI::Option* config =
        command->add_option("--config", arguments->config, "Find it by this config file");
    command->add_option("--instance", arguments->instance, "Find it by the instance's name")
        ->capture_default_str()
        ->excludes(config);
    command
        ->add_option("--directory", arguments->directory, "Where it shows itself: alerts.directory")
        ->capture_default_str()
        ->excludes(config);
    command->add_flag("--json", arguments->json, "One JSON object a line");
    command->add_flag("--watch,-w", arguments->watch, "Once a second until SIGINT or SIGTERM");
    command->add_option("--top", arguments->top, "Devices in each list")
        ->check(CLI::Range(0, 10'000))
        ->capture_default_str();
    command->add_option("--silent", arguments->silent_seconds, "List devices silent for longer (s)")
        ->check(CLI::Range(0, 1'000'000'000))
        ->capture_default_str();
    command->footer(
        "Exit codes: 0 it runs, 1 it does not or is of another build, 2 wrong usage. Of one that "
        "has ended the last figures are printed.");
    command->callback(
        [arguments, &action] { action = [arguments] { return run_status(*arguments); }; });
}

}  // namespace roda::appliance
