// SPDX-License-Identifier: Apache-2.0
// What a measurement depends on beside the code: where it ran, and what may have disturbed it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace roda::bench {

/// Name and value, in the order in which they are printed.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// Processor, cores, kernel, compiler, pages, frequency governor, load, this process's priority.
Facts machine_facts();

/// Pins the calling thread. Errors: StartupError when the core is not there.
void pin_this_thread(std::uint32_t core);

/// Asks for the highest ordinary priority; without the right to it nothing happens, and
/// machine_facts() says so.
void raise_priority() noexcept;

/// Times that another task took a core from this process so far, all threads together.
std::uint64_t preemptions() noexcept;

}  // namespace roda::bench
