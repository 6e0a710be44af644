// SPDX-License-Identifier: Apache-2.0
// Tables for people: columns as wide as they must be.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace roda::appliance {

using Cells = std::vector<std::string>;

/// One line for each row. The first `words` columns lean left, and the last `remarks`; the numbers
/// between them right.
inline std::string aligned(const std::vector<Cells>& rows,
                           std::size_t words = 1,
                           std::size_t remarks = 1) {
    std::vector<std::size_t> widths;
    for (const Cells& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const Cells& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool is_word = i < words || i + remarks >= widths.size();
            const std::string padding(widths[i] - row[i].size(), ' ');
            line += i == 0 ? "" : "  ";
            line += is_word ? row[i] + padding : padding + row[i];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

}  // namespace roda::appliance
