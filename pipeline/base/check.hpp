// SPDX-License-Identifier: Apache-2.0
// Assertions that stay on in every build. For errors of the programmer only: bad input and a bad
// environment have counters and StartupError.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace roda {

[[noreturn]] inline void check_failed(const char* invariant, const char* file, int line) noexcept {
    std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, invariant);
    std::abort();
}

/// Aborts with the invariant's text when it does not hold.
///
/// Cost: one predicted branch; per burst or rarer.
[[gnu::always_inline]] inline void check(bool holds,
                                         const char* invariant,
                                         const char* file = __builtin_FILE(),
                                         int line = __builtin_LINE()) noexcept {
    if (!holds) [[unlikely]] {
        check_failed(invariant, file, line);
    }
}

}  // namespace roda
