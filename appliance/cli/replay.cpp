// SPDX-License-Identifier: Apache-2.0
// `roda replay`: a capture's alerts as JSON lines, then its ledger.
#include "appliance/replay.hpp"

#include <cstdio>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/cli/commands.hpp"
#include "appliance/config/config.hpp"

namespace roda::appliance {

int run(const ReplayArguments& arguments) {
    const Config config = load_config(arguments.config);
    const ReplayOutcome outcome =
        replay(config, arguments.capture, arguments.via, [](const AlertRecord& alert) {
            std::printf("%s\n", to_json(alert).c_str());
        });
    std::printf("%s\n", outcome.ledger.to_json().c_str());
    if (outcome.capture_cut) {
        std::fprintf(stderr,
                     "roda: %s ends inside a record: what is complete was replayed\n",
                     arguments.capture.c_str());
        return exit_runtime;
    }
    if (!outcome.ledger.balanced()) {
        std::fprintf(
            stderr, "roda: the ledger does not balance\n%s", outcome.ledger.to_text().c_str());
        return exit_runtime;
    }
    return exit_done;
}

}  // namespace roda::appliance
