// SPDX-License-Identifier: Apache-2.0
// A local consumer: follows a lane of the alert journal from another process, read-only.
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/alerting/lane_path.hpp"
#include "appliance/cli/commands.hpp"
#include "appliance/config/config.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/store/broadcast_journal.hpp"

namespace roda::appliance {
namespace {

struct TailArguments {
    std::string config;
    std::string journal;
    std::string instance = "default";
    std::string from = "start";
    bool follow = false;
    bool json = false;
};

std::string journal_path(const TailArguments& arguments) {
    if (!arguments.journal.empty()) {
        return arguments.journal;
    }
    if (!arguments.config.empty()) {
        return lane_path(load_config(arguments.config));
    }
    Config config;
    config.instance = arguments.instance;
    return lane_path(config);
}

using Reader = BroadcastReader<AlertRecord>;

/// Prints what there is; returns how many records that was.
std::size_t print_new(Reader& reader, bool json) {
    std::array<AlertRecord, 256> alerts;
    std::size_t printed = 0;
    for (;;) {
        const auto polled = reader.poll(alerts);
        if (polled.missed != 0) {
            std::fprintf(stderr,
                         "roda tail: %llu alerts were overwritten before they could be read\n",
                         static_cast<unsigned long long>(polled.missed));
        }
        for (std::size_t i = 0; i < polled.records; ++i) {
            std::printf("%s\n", (json ? to_json(alerts[i]) : to_text(alerts[i])).c_str());
        }
        printed += polled.records;
        if (polled.records == 0) {
            std::fflush(stdout);
            return printed;
        }
    }
}

/// Tells once when the writer falls silent, and once when it is back.
class WriterWatch {
  public:
    explicit WriterWatch(const Reader& reader) : epoch_(reader.epoch()) {}

    void look(const Reader& reader) {
        if (reader.epoch() != epoch_) {
            epoch_ = reader.epoch();
            std::fprintf(stderr, "roda tail: the writer was started again\n");
        }
        constexpr std::uint64_t silence_ns = 3'000'000'000;
        const bool silent = unix_now_ns() > reader.heartbeat_ns() + silence_ns;
        if (silent != silent_) {
            silent_ = silent;
            std::fprintf(
                stderr, "roda tail: the writer %s\n", silent ? "shows no sign of life" : "is back");
        }
    }

  private:
    std::uint64_t epoch_;
    bool silent_ = false;
};

/// Which file a path names now; 0 when none.
ino_t file_at(const std::string& path) {
    struct stat status {};

    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

/// Follows one file until its writer put another in its place (a new geometry or layout).
void follow(Reader& reader, const std::string& path, ino_t file, bool json) {
    WriterWatch watch(reader);
    const timespec nap{0, 10'000'000};
    for (ino_t now = file; now == file || now == 0; now = file_at(path)) {
        print_new(reader, json);
        watch.look(reader);
        ::nanosleep(&nap, nullptr);
    }
    print_new(reader, json);
    std::fprintf(stderr, "roda tail: the journal was replaced, following the new one\n");
}

/// SIGINT and SIGTERM end it at once, even while a full pipe holds its output.
void end_on_signals() {
    const auto end = [](int) { ::_exit(0); };
    std::signal(SIGINT, end);
    std::signal(SIGTERM, end);
}

/// A new file may not have its header yet when its name already stands.
Reader open_journal(const std::string& path, Reader::From from, int attempts) {
    const timespec nap{0, 10'000'000};
    for (;;) {
        try {
            return Reader(path, alert_record_schema, from);
        } catch (const StartupError&) {
            if (--attempts <= 0) {
                throw;
            }
            ::nanosleep(&nap, nullptr);
        }
    }
}

int run_tail(const TailArguments& arguments) {
    const std::string path = journal_path(arguments);
    Reader::From from = arguments.from == "head" ? Reader::From::head : Reader::From::start;
    end_on_signals();
    for (int attempts = 1;; attempts = 100) {
        const ino_t file = file_at(path);
        Reader reader = open_journal(path, from, attempts);
        print_new(reader, arguments.json);
        if (!arguments.follow) {
            return 0;
        }
        follow(reader, path, file, arguments.json);
        from = Reader::From::start;
    }
}

}  // namespace

void add_tail(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("tail", "Print the alerts in the shared-memory journal");
    const auto arguments = std::make_shared<TailArguments>();
    command->add_option("--config", arguments->config, "Find the journal by this config file");
    command->add_option("--instance", arguments->instance, "Find it by the instance's name")
        ->capture_default_str();
    command->add_option("--journal", arguments->journal, "The journal's file itself");
    command->add_option("--from", arguments->from, "start: all that is held; head: only new ones")
        ->check(CLI::IsMember({"start", "head"}))
        ->capture_default_str();
    command->add_flag("--follow,-f", arguments->follow, "Keep following until SIGINT or SIGTERM");
    command->add_flag("--json", arguments->json, "One JSON object a line");
    command->callback(
        [arguments, &action] { action = [arguments] { return run_tail(*arguments); }; });
}

}  // namespace roda::appliance
