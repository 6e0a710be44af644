// SPDX-License-Identifier: Apache-2.0
// `roda send`: a gateway simulator on ordinary kernel sockets.
#include <atomic>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <thread>

#include "appliance/cli/commands.hpp"
#include "appliance/cli/stop_signals.hpp"
#include "appliance/simulator/sender.hpp"

namespace roda::appliance {
namespace {

/// Sends until done or a signal comes; the summary is the last line either way.
int run_send(const SendOptions& options) {
    const StopSignals signals;  // before the watching thread
    std::atomic<bool> stop{false};
    std::atomic<bool> done{false};
    std::thread watch([&] {
        while (!done.load(std::memory_order_relaxed)) {
            if (signals.wait_for(std::chrono::milliseconds(50))) {
                stop.store(true, std::memory_order_relaxed);
                return;
            }
        }
    });
    SendSummary summary;
    std::exception_ptr failure;
    try {
        summary = run_gateways(options, stop);
    } catch (...) {
        failure = std::current_exception();
    }
    done.store(true, std::memory_order_relaxed);
    watch.join();
    if (failure) {
        std::rethrow_exception(failure);
    }
    std::printf("%s\n", summary.to_json().c_str());
    return 0;
}

}  // namespace

void add_send(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "send", "Play gateways: send telemetry with planted anomalies from kernel UDP sockets");
    const auto options = std::make_shared<SendOptions>();
    command->add_option("--to", options->host, "Address or name of the host that runs Roda")
        ->required();
    command->add_option("--port", options->port, "Its ingest port")->capture_default_str();
    command->add_option("--gateways", options->gateways, "Gateways, each with a socket of its own")
        ->capture_default_str();
    command->add_option("--sensors", options->sensors, "Sensors, over all gateways")
        ->capture_default_str();
    command->add_option("--first-sensor-id", options->first_sensor_id, "Id of the first sensor")
        ->capture_default_str();
    command->add_option("--rate", options->rate, "Readings per second, over all gateways")
        ->capture_default_str();
    command->add_option("--seconds", options->seconds, "How long; 0: until SIGINT or SIGTERM")
        ->capture_default_str();
    command
        ->add_option(
            "--readings-per-datagram", options->readings_per_datagram, "Readings in each datagram")
        ->capture_default_str();
    const std::map<std::string, proto::Form> forms{{"columns", proto::Form::columns},
                                                   {"narrow", proto::Form::narrow},
                                                   {"rows", proto::Form::rows}};
    command->add_option("--form", options->form, "Form of the datagrams: columns, narrow or rows")
        ->transform(CLI::CheckedTransformer(forms, CLI::ignore_case))
        ->default_str("columns");
    command
        ->add_option(
            "--anomalies-per-second", options->anomalies_per_second, "Planted anomalies; 0: none")
        ->capture_default_str();
    command->add_option("--seed", options->seed, "Of the plan: the same seed, the same readings")
        ->capture_default_str();
    command->add_option("--planted",
                        options->planted_path,
                        "Write the alerts that must come to this file, as JSON lines");
    command->callback([options, &action] { action = [options] { return run_send(*options); }; });
}

}  // namespace roda::appliance
