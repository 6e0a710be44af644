// SPDX-License-Identifier: Apache-2.0
// All that a user may type, with its help. The only file that is compiled with CLI11, which takes
// seconds.
#include "appliance/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "appliance/cli/option_forms.hpp"
#include "appliance/control/control_text.hpp"
#include "appliance/version.hpp"

namespace roda::appliance {
namespace {

/// What CLI11 writes while it parses. At the end `command` is the one that was typed.
struct Typed {
    RunArguments run{};
    CheckConfigArguments check_config{};
    SendOptions send{};
    ReplayArguments replay{};
    TailArguments tail{};
    StatusArguments status{};
    ControlArguments reload{};
    ControlArguments acknowledge{};
    ControlArguments shelve{};
    ControlArguments unshelve{};
    ControlArguments explain{};
    std::optional<Command> command{};
};

/// A subcommand whose options are read into `arguments`, a member of `typed`.
template <class Arguments>
CLI::App& add_command(CLI::App& app,
                      Typed& typed,
                      const Arguments& arguments,
                      const std::string& name,
                      const std::string& help) {
    CLI::App* command = app.add_subcommand(name, help);
    command->callback([&typed, &arguments] { typed.command = arguments; });
    return *command;
}

void add_run(CLI::App& app, Typed& typed) {
    RunArguments& arguments = typed.run;
    CLI::App& command =
        add_command(app,
                    typed,
                    arguments,
                    "run",
                    "Receive telemetry and raise alerts until SIGINT or SIGTERM; SIGHUP "
                    "reloads the rules, SIGUSR1 has the flight recorder write its frames "
                    "down");
    command.add_option("--config", arguments.config, "The config file (YAML)")->required();
    command.add_flag("--watch", arguments.watch, "Show rates and alerts on standard output");
    command.add_option(
        "--summary", arguments.summary, "Write the final ledger to this file as JSON");
}

void add_check_config(CLI::App& app, Typed& typed) {
    CLI::App& command = add_command(app,
                                    typed,
                                    typed.check_config,
                                    "check-config",
                                    "Read a config file and report every fault in it");
    command.add_option("FILE", typed.check_config.config, "The config file (YAML)")->required();
}

void add_send(CLI::App& app, Typed& typed) {
    SendOptions& options = typed.send;
    CLI::App& command =
        add_command(app,
                    typed,
                    options,
                    "send",
                    "Play gateways: send telemetry with planted anomalies from kernel UDP sockets");
    command.add_option("--to", options.host, "Address or name of the host that runs Roda")
        ->required();
    constexpr std::uint64_t any_32 = ~std::uint32_t{0};
    constexpr std::uint64_t any_64 = ~std::uint64_t{0};
    add_whole(command, "--port", 1, 65'535, options.port, "Its ingest port");
    add_whole(command,
              "--gateways",
              1,
              any_32,
              options.gateways,
              "Gateways, each with a socket of its own");
    add_whole(command, "--sensors", 1, any_64, options.sensors, "Sensors, over all gateways");
    add_whole(
        command, "--first-sensor-id", 1, any_64, options.first_sensor_id, "Id of the first sensor");
    command.add_option("--rate", options.rate, "Readings per second, over all gateways")
        ->capture_default_str();
    command.add_option("--seconds", options.seconds, "How long; 0: until SIGINT or SIGTERM")
        ->capture_default_str();
    add_whole(command,
              "--readings-per-datagram",
              1,
              any_32,
              options.readings_per_datagram,
              "Readings in each datagram");
    add_choice<proto::Form>(command,
                            "--form",
                            options.form,
                            {{"columns", proto::Form::columns},
                             {"narrow", proto::Form::narrow},
                             {"rows", proto::Form::rows}},
                            "Form of the datagrams")
        ->default_str("columns");
    command
        .add_option(
            "--anomalies-per-second", options.anomalies_per_second, "Planted anomalies; 0: none")
        ->capture_default_str();
    add_whole(command,
              "--seed",
              0,
              any_64,
              options.seed,
              "Of the plan: the same seed, the same readings");
    command.add_option("--planted",
                       options.planted_path,
                       "Write the alerts that must come to this file, as JSON lines");
}

void add_replay(CLI::App& app, Typed& typed) {
    ReplayArguments& arguments = typed.replay;
    CLI::App& command =
        add_command(app,
                    typed,
                    arguments,
                    "replay",
                    "Run a capture through the pipeline: alerts as JSON lines, then the ledger");
    command.add_option("--config", arguments.config, "The config file (YAML)")->required();
    command.add_option("CAPTURE", arguments.capture, "A pcap or pcapng file of Ethernet frames")
        ->required();
    add_choice<ReplayVia>(command,
                          "--via",
                          arguments.via,
                          {{"inline", ReplayVia::inline_},
                           {"threads", ReplayVia::threads},
                           {"port", ReplayVia::port}},
                          "The frames' way: inline (one thread), threads (workers), port (DPDK's "
                          "net_pcap); the output is the same")
        ->default_str("inline");
}

void add_tail(CLI::App& app, Typed& typed) {
    TailArguments& arguments = typed.tail;
    CLI::App& command =
        add_command(app, typed, arguments, "tail", "Print the alerts in the shared-memory journal");
    command.add_option("--config", arguments.config, "Find the journal by this config file");
    command.add_option("--instance", arguments.instance, "Find it by the instance's name")
        ->capture_default_str();
    command.add_option("--journal", arguments.journal, "The journal's file itself");
    add_choice<bool>(command,
                     "--from",
                     arguments.from_head,
                     {{"start", false}, {"head", true}},
                     "start: all that is held; head: only new ones")
        ->default_str("start");
    command.add_flag("--follow,-f", arguments.follow, "Keep following until SIGINT or SIGTERM");
    command.add_flag("--json", arguments.json, "One JSON object a line");
}

void add_place(CLI::App& command,
               WhichAppliance& appliance,
               const std::string& config_help,
               const std::string& directory_help) {
    CLI::Option* config = command.add_option("--config", appliance.config, config_help);
    command.add_option("--instance", appliance.instance, "Find it by the instance's name")
        ->capture_default_str()
        ->excludes(config);
    command.add_option("--directory", appliance.directory, directory_help)
        ->capture_default_str()
        ->excludes(config);
}

void add_status(CLI::App& app, Typed& typed) {
    StatusArguments& arguments = typed.status;
    CLI::App& command = add_command(app,
                                    typed,
                                    arguments,
                                    "status",
                                    "Print the counters, rules and devices of a running appliance");
    add_place(command,
              arguments.appliance,
              "Find it by this config file",
              "Where it shows itself: alerts.directory");
    command.add_flag("--json", arguments.json, "One JSON object a line");
    command.add_flag("--watch,-w", arguments.watch, "Once a second until SIGINT or SIGTERM");
    add_whole(command, "--top", 0, 10'000, arguments.top, "Devices in each list");
    add_whole(command,
              "--silent",
              0,
              1'000'000'000,
              arguments.silent_seconds,
              "List devices silent for longer (s)");
    command.footer(
        "Exit codes: 0 it runs, 1 it does not or is of another build, 2 wrong usage. Of one that "
        "has ended the last figures are printed.");
}

/// What there is to know of each ControlVerb beside its one line.
constexpr std::array<std::string_view, 5> control_notes = {
    "The config file is the one that it was started with; of it the rules and the inventory are "
    "read anew. A faulty file changes nothing. SIGHUP does the same.",
    "All alerts that stand, of a rule, a sensor, or both together; or one, by its id.",
    "A shelved alarm tells nothing. It goes on behind that: what stands at the end is told then.",
    "What stands behind the shelf is told now.",
    "The sensor's state, its rules with the figures they judge, the state of each alarm, and what "
    "it waits for.",
};

void add_selector(CLI::App& command, AlarmSelector& alarms) {
    CLI::Option* id = add_word(command,
                               "--id",
                               alert_id_form(),
                               alarms.id,
                               "One alert, by its id as `roda tail --json` prints it");
    command.add_option("--rule", alarms.rule, "Alarms of this rule")
        ->type_name("NAME")
        ->excludes(id);
    add_word(command, "--sensor", sensor_id_form(), alarms.sensor_id, "Alarms of this sensor")
        ->excludes(id);
}

CLI::App& add_request(CLI::App& app,
                      Typed& typed,
                      ControlArguments& arguments,
                      ControlVerb verb,
                      const std::string& help) {
    const auto position = static_cast<std::size_t>(verb);
    arguments.request.verb = verb;
    CLI::App* command = app.add_subcommand(std::string(control_verb_names[position]), help);
    command->callback([&typed, &arguments] {
        if (const auto fault = fault_of(arguments.request)) {
            throw CLI::RequiredError(*fault, CLI::ExitCodes::RequiredError);
        }
        typed.command = arguments;
    });
    command->footer(
        std::string(control_notes[position]) +
        "\nExit codes: 0 done, 1 refused or not running, 2 wrong usage. Who may ask: the user that "
        "Roda runs as, and its group.");
    return *command;
}

void add_socket_place(CLI::App& command, ControlArguments& arguments) {
    add_place(command,
              arguments.appliance,
              "Find Roda by its config file",
              "Where its socket is: alerts.directory");
}

void add_reload(CLI::App& app, Typed& typed) {
    CLI::App& command = add_request(
        app, typed, typed.reload, ControlVerb::reload, "Have a running appliance reload its rules");
    add_socket_place(command, typed.reload);
}

void add_acknowledge(CLI::App& app, Typed& typed) {
    CLI::App& command =
        add_request(app, typed, typed.acknowledge, ControlVerb::acknowledge, "Acknowledge alerts");
    add_selector(command, typed.acknowledge.request.alarms);
    add_socket_place(command, typed.acknowledge);
}

void add_shelve(CLI::App& app, Typed& typed) {
    ControlRequest& request = typed.shelve.request;
    CLI::App& command =
        add_request(app, typed, typed.shelve, ControlVerb::shelve, "Hide alarms for a time");
    add_selector(command, request.alarms);
    add_word(command,
             "--for",
             duration_form(),
             request.for_ns,
             "How long: 90s, 30m, 8h, 7d; at most 31d")
        ->required();
    add_socket_place(command, typed.shelve);
}

void add_unshelve(CLI::App& app, Typed& typed) {
    CLI::App& command = add_request(
        app, typed, typed.unshelve, ControlVerb::unshelve, "Show alarms again before their time");
    add_selector(command, typed.unshelve.request.alarms);
    add_socket_place(command, typed.unshelve);
}

void add_explain(CLI::App& app, Typed& typed) {
    ControlRequest& request = typed.explain.request;
    CLI::App& command = add_request(app,
                                    typed,
                                    typed.explain,
                                    ControlVerb::explain,
                                    "Print why a sensor has alerts or has none");
    add_word(command, "sensor", sensor_id_form(), request.alarms.sensor_id, "The sensor's id")
        ->required();
    command.add_flag("--json", request.json, "As JSON");
    add_socket_place(command, typed.explain);
}

}  // namespace

CommandLine read_command_line(int argc, const char* const* argv) {
    CLI::App app(
        "Roda: kernel-bypass telemetry. Sensor readings in by UDP, alerts out by "
        "Prometheus and shared memory.",
        "roda");
    app.set_version_flag("--version", "roda " + std::string(version));
    app.require_subcommand(1);
    app.footer(
        "Exit codes: 0 done, 1 runtime failure, 2 wrong usage. `roda COMMAND --help` for each.");
    Typed typed;
    for (const auto add : {add_run,
                           add_check_config,
                           add_send,
                           add_replay,
                           add_tail,
                           add_status,
                           add_reload,
                           add_acknowledge,
                           add_shelve,
                           add_unshelve,
                           add_explain}) {
        add(app, typed);
    }
    try {
        // CLI11 would only say that some subcommand is required.
        const std::string first = argc > 1 ? argv[1] : "-";
        const auto is_first = [&first](const CLI::App* command) {
            return command->check_name(first);
        };
        if (!first.starts_with('-') && app.get_subcommands(is_first).empty()) {
            throw CLI::ExtrasError("roda", {first});
        }
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {.command = {}, .exit_code = app.exit(error) == 0 ? exit_done : exit_usage};
    }
    return {.command = std::move(typed.command)};
}

}  // namespace roda::appliance
