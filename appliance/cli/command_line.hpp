// SPDX-License-Identifier: Apache-2.0
// From argv to a Command. The one place that knows how the commands are typed.
#pragma once

#include <optional>

#include "appliance/cli/commands.hpp"

namespace roda::appliance {

struct CommandLine {
    std::optional<Command> command{};  // nothing: --help or --version was answered, or it is wrong
    int exit_code = exit_done;         // of a line without a command
};

/// Reads the line, prints the help that it asks for or what is wrong with it.
CommandLine read_command_line(int argc, const char* const* argv);

}  // namespace roda::appliance
