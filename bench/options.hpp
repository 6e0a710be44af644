// SPDX-License-Identifier: Apache-2.0
// The command line that every benchmark has.
#pragma once

#include <cstdint>
#include <string_view>

namespace roda::bench {

/// Two cores: the second one only for work between threads.
struct CorePair {
    std::uint32_t first = 0;
    std::uint32_t second = 0;

    bool distinct() const noexcept { return first != second; }
};

struct Options {
    bool smoke = false;  // tiny sizes, one round: does it still run and agree?
    bool json = false;
    bool gate = false;  // exit 1 when a gate falls short
    std::uint32_t rounds = 7;
    CorePair cores;
    std::string_view only;  // part of a comparison's name; empty: all

    /// `full` in a measurement, `tiny` in a smoke run.
    template <class Size>
    Size size(Size full, Size tiny) const noexcept {
        return smoke ? tiny : full;
    }
};

/// Reads the command line; prints help or the fault and ends the process where that is due
/// (exit 0 and 2). Cores default to the first two that this process may use.
Options parse_options(int argc, char** argv, std::string_view bench, std::string_view what);

}  // namespace roda::bench
