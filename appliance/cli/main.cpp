// SPDX-License-Identifier: Apache-2.0
// `roda`: reads the command line, runs one command, turns every failure into one message.
#include <cstdio>
#include <exception>
#include <variant>

#include "appliance/cli/command_line.hpp"
#include "appliance/cli/commands.hpp"

int main(int argc, char** argv) {
    using namespace roda::appliance;
    const CommandLine line = read_command_line(argc, argv);
    if (!line.command) {
        return line.exit_code;
    }
    try {
        const int code =
            std::visit([](const auto& arguments) { return run(arguments); }, *line.command);
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
