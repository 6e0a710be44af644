// SPDX-License-Identifier: Apache-2.0
// What the examples take on their command lines: how much, and on which cores.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

namespace roda::examples {

struct Arguments {
    std::uint64_t count;
    std::vector<std::uint32_t> cores;

    /// `[--count N] [--cores A,B]`; says so and leaves with 2 on anything else.
    static Arguments parse(int argc, char** argv, std::uint64_t count) {
        Arguments arguments{count, {}};
        for (int i = 1; i < argc; i += 2) {
            char* rest = nullptr;
            if (i + 1 < argc && std::strcmp(argv[i], "--count") == 0) {
                arguments.count = std::strtoull(argv[i + 1], &rest, 10);
            } else if (i + 1 < argc && std::strcmp(argv[i], "--cores") == 0) {
                rest = argv[i + 1] - 1;
                do {
                    const char* const core = rest + 1;
                    arguments.cores.push_back(
                        static_cast<std::uint32_t>(std::strtoul(core, &rest, 10)));
                } while (*rest == ',');
            }
            if (rest == nullptr || *rest != '\0') {
                std::fprintf(stderr, "usage: %s [--count N] [--cores A,B]\n", argv[0]);
                std::exit(2);
            }
        }
        return arguments;
    }

    /// The core of the stage at `position`, when one was named.
    std::optional<std::uint32_t> core(std::size_t position) const {
        return position < cores.size() ? std::optional(cores[position]) : std::nullopt;
    }
};

}  // namespace roda::examples
