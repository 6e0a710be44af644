// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>

#include "appliance/cli/commands.hpp"
#include "appliance/config/config.hpp"

namespace roda::appliance {

void add_check_config(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("check-config", "Read a config file and report every fault in it");
    const auto file = std::make_shared<std::string>();
    command->add_option("FILE", *file, "The config file (YAML)")->required();
    command->callback([file, &action] {
        action = [file] {
            const Config config = load_config(*file);
            std::printf("%s: good: %zu rules, device %s\n",
                        file->c_str(),
                        config.rules.size(),
                        config.port.options.device.c_str());
            return 0;
        };
    });
}

}  // namespace roda::appliance
