// SPDX-License-Identifier: Apache-2.0
// The command line: parses, runs one subcommand, turns every failure into one message.
#include <cstdio>
#include <exception>
#include <string>

#include "appliance/cli/commands.hpp"
#include "appliance/version.hpp"

namespace {

constexpr int exit_runtime = 1;
constexpr int exit_usage = 2;

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Roda: kernel-bypass telemetry. Sensor readings in by UDP, alerts out by "
        "Prometheus and shared memory.",
        "roda");
    app.set_version_flag("--version", "roda " + std::string(roda::appliance::version));
    app.require_subcommand(1);
    app.footer(
        "Exit codes: 0 done, 1 runtime failure, 2 wrong usage. `roda COMMAND --help` for each.");

    roda::appliance::Action action;
    roda::appliance::add_run(app, action);
    roda::appliance::add_check_config(app, action);
    roda::appliance::add_send(app, action);
    roda::appliance::add_replay(app, action);
    roda::appliance::add_tail(app, action);
    roda::appliance::add_status(app, action);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    try {
        const int code = action();
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
            std::fprintf(stderr, "roda: standard output could not be written\n");
            return exit_runtime;
        }
        return code;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "roda: %s\n", error.what());
        return exit_runtime;
    }
}
