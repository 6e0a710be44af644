// SPDX-License-Identifier: Apache-2.0
// What each subcommand of `roda` is told, and the functions that do it. Not how it is typed:
// command_line.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "appliance/config/config.hpp"
#include "appliance/control/control.hpp"
#include "appliance/replay.hpp"
#include "appliance/simulator/send_options.hpp"

namespace roda::appliance {

inline constexpr int exit_done = 0;
inline constexpr int exit_runtime = 1;
inline constexpr int exit_usage = 2;

struct RunArguments {
    std::string config{};
    std::string summary{};  // a file's path; empty: none
    bool watch = false;
};

struct CheckConfigArguments {
    std::string config{};
};

struct ReplayArguments {
    std::string config{};
    std::string capture{};
    ReplayVia via = ReplayVia::inline_;
};

struct TailArguments {
    std::string config{};   // empty: by the instance's name
    std::string journal{};  // this file alone; empty: all lanes
    std::string instance = Config().instance;
    bool from_head = false;  // only alerts that come from now on
    bool follow = false;
    bool json = false;
};

/// Which appliance of this host is meant.
struct WhichAppliance {
    std::string config{};  // this file names the other two; empty: they stand
    std::string instance = Config().instance;
    std::string directory = Config().alerts.directory;
};

struct StatusArguments {
    WhichAppliance appliance{};
    std::size_t top = 10;  // devices in each list
    std::uint64_t silent_seconds = 60;
    bool json = false;
    bool watch = false;
};

struct ControlArguments {
    WhichAppliance appliance{};
    ControlRequest request{};
};

/// One subcommand with all that it was told.
using Command = std::variant<RunArguments,
                             CheckConfigArguments,
                             SendOptions,
                             ReplayArguments,
                             TailArguments,
                             StatusArguments,
                             ControlArguments>;

// Each does one subcommand, prints its result and returns exit_done or exit_runtime.
//
// Thread: main, before any other was started. Errors: any std::exception, whose what() is for the
// user; main() prints it.
int run(const RunArguments& arguments);
int run(const CheckConfigArguments& arguments);
int run(const SendOptions& options);
int run(const ReplayArguments& arguments);
int run(const TailArguments& arguments);
int run(const StatusArguments& arguments);
int run(const ControlArguments& arguments);

}  // namespace roda::appliance
