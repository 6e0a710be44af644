// SPDX-License-Identifier: Apache-2.0
#include "pipeline/fleet/fleet_observer.hpp"

#include "pipeline/base/error.hpp"
#include "pipeline/fleet/lane_files.hpp"

namespace roda {

std::vector<FleetMember> FleetObserver::look() const {
    std::vector<FleetMember> members;
    for (std::string& path : find_files(prefix_)) {
        FleetMember member;
        try {
            member.state = JournalObserver(path).state();
        } catch (const StartupError& error) {
            member.fault = error.what();
        }
        member.path = std::move(path);
        members.push_back(std::move(member));
    }
    return members;
}

}  // namespace roda
