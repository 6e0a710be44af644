// SPDX-License-Identifier: Apache-2.0
// Reading a file whole, with the errors of an operator's file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace roda::appliance {

/// Units: bytes of a config, of the longest list of rules.
inline constexpr std::size_t largest_config_bytes = std::size_t{16} << 20;

/// `example`: what to start from when there is none.
/// Errors: StartupError with the system's word and a hint; also for a file that is larger.
std::string read_text_file(const std::string& path,
                           std::size_t largest_bytes = largest_config_bytes,
                           std::string_view example = "deploy/roda.yaml");

}  // namespace roda::appliance
