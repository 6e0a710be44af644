// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/fault_list.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "pipeline/base/error.hpp"

namespace roda::appliance {

void FaultList::add(Position position, std::string text) {
    faults_.push_back({position, std::move(text)});
}

void FaultList::throw_if_any() const {
    if (faults_.empty()) {
        return;
    }
    auto in_file_order = faults_;
    std::stable_sort(
        in_file_order.begin(), in_file_order.end(), [](const Fault& left, const Fault& right) {
            return std::tie(left.position.line, left.position.column) <
                   std::tie(right.position.line, right.position.column);
        });
    std::string message;
    for (const Fault& fault : in_file_order) {
        message += message.empty() ? "" : "\n";
        message += file_ + ':' + std::to_string(fault.position.line) + ':' +
                   std::to_string(fault.position.column) + ": " + fault.text;
    }
    // Each line carries its own place and advice, so the exception adds neither.
    throw StartupError(message, "", "");
}

}  // namespace roda::appliance
