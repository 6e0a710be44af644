// SPDX-License-Identifier: Apache-2.0
// Asking for memory before it is needed.
#pragma once

namespace roda {

/// Asks for a line that will be written: another core that has it gives it up now, not at the
/// store. The compiler's own prefetch for writing is one for reading on x86-64-v3, after which the
/// store still has to ask for the line.
///
/// Shape: any address; one that is not mapped is ignored.
[[gnu::always_inline]] inline void prefetch_to_write(const void* address) noexcept {
    asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(address)));
}

}  // namespace roda
