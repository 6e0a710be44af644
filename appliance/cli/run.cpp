// SPDX-License-Identifier: Apache-2.0
// `roda run`: the appliance until SIGINT or SIGTERM; SIGUSR1 is for the flight recorder.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "appliance/cli/commands.hpp"
#include "appliance/cli/live_view.hpp"
#include "appliance/cli/stop_signals.hpp"
#include "appliance/config/config.hpp"
#include "appliance/supervisor.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

struct RunArguments {
    std::string config;
    std::string summary;
    bool watch = false;
};

/// As a JSON string. Control characters cannot come from a config's device or a driver's name.
std::string quoted(const std::string& text) {
    std::string json = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            json += '\\';
        }
        json += letter;
    }
    return json + '"';
}

/// What deploy/quickstart.sh and other scripts read after the run.
std::string summary_json(const Status& status) {
    std::string json = "{\"ledger\":" + status.ledger.to_json();
    json += ",\"alerts\":" + std::to_string(status.ledger.detect.alerts_emitted);
    json += ",\"port\":" + quoted(status.device) + ",\"driver\":" + quoted(status.driver);
    json += ",\"memory\":" + quoted(status.memory) + "}\n";
    return json;
}

/// Opened before the run: a path that cannot be written must not cost its result.
std::ofstream open_summary(const std::string& path) {
    std::ofstream file(path);
    if (!file) {
        throw StartupError("cannot write the summary", path, "check the directory");
    }
    return file;
}

/// What became of the port since the last look.
void say_changes(const dpdk::PortEvents& before, const Supervisor& supervisor) {
    const dpdk::PortEvents now = supervisor.port_events();
    if (now == before) {
        return;
    }
    const Status status = supervisor.status();
    if (now.removed && !before.removed) {
        std::fprintf(stderr,
                     "roda: %s is gone: nothing more is received, start again when it is back\n",
                     status.device.c_str());
    } else if (now.link_changes != before.link_changes) {
        std::fprintf(stderr,
                     "roda: the link of %s is %s\n",
                     status.device.c_str(),
                     status.link_up ? "up" : "down");
    }
    if (now.restarts != before.restarts) {
        std::fprintf(stderr, "roda: %s was restarted\n", status.device.c_str());
    }
}

/// Runs until a signal comes or a worker fails.
void serve(Supervisor& supervisor, const StopSignals& signals, LiveView* view) {
    constexpr std::chrono::milliseconds tick(100);
    for (;;) {
        const int signal = signals.wait_for(tick);
        if ((signal != 0 && signal != SIGUSR1) || !supervisor.failure().empty()) {
            return;
        }
        if (signal == SIGUSR1 && !supervisor.record()) {
            std::fprintf(stderr, "roda: no flight recorder: recorder.frames is 0\n");
        }
        const dpdk::PortEvents before = supervisor.port_events();
        supervisor.beat();
        say_changes(before, supervisor);
        if (view != nullptr) {
            view->refresh(supervisor.status(), monotonic_now_ns());
        }
    }
}

int run(const RunArguments& arguments) {
    const StopSignals signals({SIGUSR1});  // before any thread
    const Config config = load_config(arguments.config);
    std::ofstream summary;
    if (!arguments.summary.empty()) {
        summary = open_summary(arguments.summary);
    }
    Supervisor supervisor(config);
    const Status started = supervisor.status();
    std::fprintf(stderr,
                 "roda: receiving on %s (%s, %s), metrics at http://%s:%u/metrics\n",
                 started.device.c_str(),
                 started.driver.c_str(),
                 started.memory.c_str(),
                 config.metrics.address.c_str(),
                 unsigned{supervisor.metrics_port()});
    for (const std::string& note : started.port_notes) {
        std::fprintf(stderr, "roda: note: %s\n", note.c_str());
    }
    std::unique_ptr<LiveView> view;
    if (arguments.watch) {
        view = std::make_unique<LiveView>(config);
    }
    serve(supervisor, signals, view.get());
    const std::string failure = supervisor.failure();
    std::fprintf(stderr, "roda: draining\n");
    supervisor.stop();
    const Status status = supervisor.status();
    if (view != nullptr) {
        view->finish(status);
    }
    std::fprintf(stderr, "%s", status.ledger.to_text().c_str());
    if (summary.is_open() && !(summary << summary_json(status)).flush()) {
        std::fprintf(
            stderr, "roda: %s: the summary could not be written\n", arguments.summary.c_str());
        return 1;
    }
    if (!failure.empty()) {
        std::fprintf(stderr, "roda: %s\n", failure.c_str());
        return 1;
    }
    if (status.port_events.removed) {
        std::fprintf(stderr, "roda: %s was removed while it ran\n", status.device.c_str());
        return 1;
    }
    return 0;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("run",
                           "Receive telemetry and raise alerts until SIGINT or SIGTERM; SIGUSR1 "
                           "has the flight recorder write its frames down");
    const auto arguments = std::make_shared<RunArguments>();
    command->add_option("--config", arguments->config, "The config file (YAML)")->required();
    command->add_flag("--watch", arguments->watch, "Show rates and alerts on standard output");
    command->add_option(
        "--summary", arguments->summary, "Write the final ledger to this file as JSON");
    command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace roda::appliance
