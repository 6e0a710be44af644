// SPDX-License-Identifier: Apache-2.0
#include "bench/options.hpp"

#include <sched.h>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace roda::bench {
namespace {

constexpr const char* help_text =
    "\n"
    "  --rounds N    measured rounds, at least 5 (default 7); one more warms up\n"
    "  --cores A,B   cores to run on; B only for work between threads\n"
    "  --only TEXT   only comparisons whose name holds TEXT\n"
    "  --gate        exit 1 when a gate falls short\n"
    "  --json        one JSON object instead of tables\n"
    "  --smoke       tiny sizes, one round: checks that everything runs and agrees\n"
    "  --help        this text\n"
    "\n"
    "Exit: 0 done; 1 variants disagree, or a gate falls short with --gate; 2 usage.\n";

[[noreturn]] void refuse(std::string_view bench, const std::string& fault) {
    std::fprintf(stderr,
                 "%.*s: %s; see --help\n",
                 static_cast<int>(bench.size()),
                 bench.data(),
                 fault.c_str());
    std::exit(2);
}

std::vector<std::uint32_t> allowed_cores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ::sched_getaffinity(0, sizeof(allowed), &allowed);
    std::vector<std::uint32_t> cores;
    for (std::uint32_t core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &allowed)) {
            cores.push_back(core);
        }
    }
    return cores;
}

std::optional<std::uint32_t> whole_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::optional<CorePair> core_pair(std::string_view text) {
    const std::size_t comma = text.find(',');
    const auto first = whole_number(text.substr(0, comma));
    const auto second =
        comma == std::string_view::npos ? first : whole_number(text.substr(comma + 1));
    if (!first || !second) {
        return std::nullopt;
    }
    return CorePair{*first, *second};
}

}  // namespace

Options parse_options(int argc, char** argv, std::string_view bench, std::string_view what) {
    Options options;
    const std::vector<std::uint32_t> cores = allowed_cores();
    options.cores = {cores.front(), cores.size() > 1 ? cores[1] : cores.front()};
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        const std::string_view value = i + 1 < arguments.size() ? arguments[i + 1] : "";
        if (argument == "--help") {
            std::printf("%.*s: %.*s\n%s",
                        static_cast<int>(bench.size()),
                        bench.data(),
                        static_cast<int>(what.size()),
                        what.data(),
                        help_text);
            std::exit(0);
        } else if (argument == "--smoke") {
            options.smoke = true;
        } else if (argument == "--json") {
            options.json = true;
        } else if (argument == "--gate") {
            options.gate = true;
        } else if (argument == "--only" && !value.empty()) {
            options.only = value;
            ++i;
        } else if (argument == "--rounds" && whole_number(value).value_or(0) >= 5) {
            options.rounds = *whole_number(value);
            ++i;
        } else if (argument == "--cores" && core_pair(value)) {
            options.cores = *core_pair(value);
            ++i;
        } else {
            refuse(bench, std::string(argument) + ": not understood, or its value is not");
        }
    }
    return options;
}

}  // namespace roda::bench
