// SPDX-License-Identifier: Apache-2.0
// `roda run`: the appliance until SIGINT or SIGTERM; SIGHUP is for the rules, SIGUSR1 for the
// flight recorder.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>

#include "appliance/cli/awaited_signals.hpp"
#include "appliance/cli/commands.hpp"
#include "appliance/cli/live_view.hpp"
#include "appliance/config/config.hpp"
#include "appliance/supervisor.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

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

/// Reloads beside the loop that shows that we live: an inventory of a million lines takes seconds.
/// Asked again meanwhile, it reloads once more.
class Reloads {
  public:
    explicit Reloads(Supervisor& supervisor) : supervisor_(supervisor) {}

    void ask() { asked_ = true; }

    void look() {
        const bool done = running_.valid() &&
                          running_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
        if (done) {
            const ControlReply reply = running_.get();
            std::fprintf(
                stderr, "roda: %s%s\n", reply.done ? "" : "not reloaded: ", reply.text.c_str());
        }
        if (asked_ && !running_.valid()) {
            asked_ = false;
            running_ = std::async(std::launch::async, [this] { return supervisor_.reload(); });
        }
    }

  private:
    Supervisor& supervisor_;
    bool asked_ = false;
    std::future<ControlReply> running_;  // its end is waited for
};

/// Does what a signal asks for; false: that is to end.
bool obey(int signal, Supervisor& supervisor, Reloads& reloads) {
    switch (signal) {
        case 0:
            return true;
        case SIGHUP:
            reloads.ask();
            return true;
        case SIGUSR1:
            if (!supervisor.record()) {
                std::fprintf(stderr, "roda: no flight recorder: recorder.frames is 0\n");
            }
            return true;
        default:
            return false;
    }
}

/// Runs until a signal ends it or a worker fails.
void serve(Supervisor& supervisor, const AwaitedSignals& signals, LiveView* view) {
    constexpr std::chrono::milliseconds tick(100);
    Reloads reloads(supervisor);
    for (;;) {
        const int signal = signals.wait_for(tick);
        if (!supervisor.failure().empty() || !obey(signal, supervisor, reloads)) {
            return;
        }
        reloads.look();
        const dpdk::PortEvents before = supervisor.port_events();
        supervisor.beat();
        say_changes(before, supervisor);
        if (view != nullptr) {
            view->refresh(supervisor.status(), monotonic_now_ns());
        }
    }
}

}  // namespace

int run(const RunArguments& arguments) {
    const AwaitedSignals signals({SIGHUP, SIGUSR1});  // before any thread
    const Config config = load_config(arguments.config);
    std::ofstream summary;
    if (!arguments.summary.empty()) {
        summary = open_summary(arguments.summary);
    }
    Supervisor supervisor(config, arguments.config);
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
        return exit_runtime;
    }
    if (!failure.empty()) {
        std::fprintf(stderr, "roda: %s\n", failure.c_str());
        return exit_runtime;
    }
    if (status.port_events.removed) {
        std::fprintf(stderr, "roda: %s was removed while it ran\n", status.device.c_str());
        return exit_runtime;
    }
    return exit_done;
}

}  // namespace roda::appliance
