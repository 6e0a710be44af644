// SPDX-License-Identifier: Apache-2.0
// Reading a small file whole, with the errors of an operator's file.
#pragma once

#include <string>

namespace roda::appliance {

/// Errors: StartupError with the system's word and a hint; a file over 1 MiB is refused.
std::string read_text_file(const std::string& path);

}  // namespace roda::appliance
