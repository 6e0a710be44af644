// SPDX-License-Identifier: Apache-2.0
// The subcommands of `roda`: each adds itself to the command line and names what it does.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace roda::appliance {

/// Set by the subcommand that was given; returns the exit code: 0 done, 1 runtime, 2 usage.
using Action = std::function<int()>;

void add_run(CLI::App& app, Action& action);
void add_check_config(CLI::App& app, Action& action);
void add_send(CLI::App& app, Action& action);
void add_replay(CLI::App& app, Action& action);
void add_tail(CLI::App& app, Action& action);
void add_status(CLI::App& app, Action& action);

}  // namespace roda::appliance
