// SPDX-License-Identifier: Apache-2.0
// `roda reload`, `ack`, `shelve`, `unshelve`, `explain`: each is one request to a running
// appliance, and prints its reply.
#include <cstdio>

#include "appliance/cli/commands.hpp"
#include "appliance/cli/place.hpp"
#include "appliance/control/control_client.hpp"

namespace roda::appliance {

int run(const ControlArguments& arguments) {
    const Place place = place_of(arguments.appliance);
    const ControlReply reply = ask(place.directory, place.instance, arguments.request);
    if (!reply.done) {
        std::fprintf(stderr, "roda: refused: %s\n", reply.text.c_str());
        return exit_runtime;
    }
    const bool ends_line = reply.text.empty() || reply.text.back() == '\n';
    std::printf("%s%s", reply.text.c_str(), ends_line ? "" : "\n");
    return exit_done;
}

}  // namespace roda::appliance
