// SPDX-License-Identifier: Apache-2.0
// `roda check-config`: all that a start would refuse in a config file, without a start.
#include <cstdio>

#include "appliance/cli/commands.hpp"
#include "appliance/config/config.hpp"
#include "appliance/rules/load_rules.hpp"

namespace roda::appliance {

int run(const CheckConfigArguments& arguments) {
    const Config config = load_config(arguments.config);
    SeriesRegistry series;
    const auto book = load_rules(config, series);
    std::printf("%s: good: %zu rules, %zu sensors in the inventory, device %s\n",
                arguments.config.c_str(),
                book->rules().size(),
                book->inventory().entries().size(),
                config.port.options.device.c_str());
    return exit_done;
}

}  // namespace roda::appliance
