// SPDX-License-Identifier: Apache-2.0
#include "appliance/replay.hpp"

#include <cstdio>
#include <map>
#include <memory>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/cli/commands.hpp"
#include "appliance/config/config.hpp"

namespace roda::appliance {
namespace {

struct ReplayArguments {
    std::string config;
    std::string capture;
    ReplayVia via = ReplayVia::inline_;
};

int run_replay(const ReplayArguments& arguments) {
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
        return 1;
    }
    if (!outcome.ledger.balanced()) {
        std::fprintf(
            stderr, "roda: the ledger does not balance\n%s", outcome.ledger.to_text().c_str());
        return 1;
    }
    return 0;
}

}  // namespace

void add_replay(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "replay", "Run a capture through the pipeline: alerts as JSON lines, then the ledger");
    const auto arguments = std::make_shared<ReplayArguments>();
    command->add_option("--config", arguments->config, "The config file (YAML)")->required();
    command->add_option("CAPTURE", arguments->capture, "A pcap or pcapng file of Ethernet frames")
        ->required();
    const std::map<std::string, ReplayVia> ways{
        {"inline", ReplayVia::inline_}, {"threads", ReplayVia::threads}, {"port", ReplayVia::port}};
    command
        ->add_option("--via",
                     arguments->via,
                     "The frames' way: inline (one thread), threads (workers), port (DPDK's "
                     "net_pcap); the output is the same")
        ->transform(CLI::CheckedTransformer(ways, CLI::ignore_case))
        ->default_str("inline");
    command->callback(
        [arguments, &action] { action = [arguments] { return run_replay(*arguments); }; });
}

}  // namespace roda::appliance
