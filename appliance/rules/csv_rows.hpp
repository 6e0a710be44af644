// SPDX-License-Identifier: Apache-2.0
// The fields of a CSV text (RFC 4180, by libcsv), each with its place in the file.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "appliance/config/fault_list.hpp"

namespace roda::appliance {

struct CsvReceiver {
    /// Spaces around a field without quotes are gone; the text is good until the return.
    std::function<void(std::string_view field, Position position)> on_field;
    /// Not called for empty lines.
    std::function<void(Position position)> on_row;
};

/// What is wrong with the text as CSV, and what to do; an empty text: nothing is.
struct CsvFault {
    Position position;
    std::string text;
};

/// Errors: std::bad_alloc.
CsvFault read_csv(std::string_view text, const CsvReceiver& receiver);

}  // namespace roda::appliance
