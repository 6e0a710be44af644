// SPDX-License-Identifier: Apache-2.0
#include "appliance/cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace roda::appliance {
namespace {

using testing::HasSubstr;

/// A line, and what it prints.
struct Read {
    CommandLine line;
    std::string output;
    std::string errors;
};

Read read(std::vector<const char*> words) {
    words.insert(words.begin(), "roda");
    std::ostringstream output;
    std::ostringstream errors;
    std::streambuf* const usual_output = std::cout.rdbuf(output.rdbuf());
    std::streambuf* const usual_errors = std::cerr.rdbuf(errors.rdbuf());
    CommandLine line = read_command_line(static_cast<int>(words.size()), words.data());
    std::cout.rdbuf(usual_output);
    std::cerr.rdbuf(usual_errors);
    return {std::move(line), output.str(), errors.str()};
}

/// What a good line tells its subcommand.
template <class Arguments>
Arguments told(std::vector<const char*> words) {
    const Read read_line = read(std::move(words));
    EXPECT_EQ(read_line.output + read_line.errors, "");
    EXPECT_EQ(read_line.line.exit_code, exit_done);
    if (!read_line.line.command || !std::holds_alternative<Arguments>(*read_line.line.command)) {
        ADD_FAILURE() << "another command";
        return {};
    }
    return std::get<Arguments>(*read_line.line.command);
}

/// What a wrong line is told.
std::string refusal(std::vector<const char*> words) {
    const Read read_line = read(std::move(words));
    EXPECT_FALSE(read_line.line.command);
    EXPECT_EQ(read_line.line.exit_code, exit_usage);
    EXPECT_EQ(read_line.output, "");
    return read_line.errors;
}

const std::vector<const char*> subcommands = {"run",
                                              "check-config",
                                              "send",
                                              "replay",
                                              "tail",
                                              "status",
                                              "reload",
                                              "ack",
                                              "shelve",
                                              "unshelve",
                                              "explain"};

TEST(CommandLine, TellsRunItsConfig) {
    const auto run = told<RunArguments>({"run", "--config", "a.yaml", "--watch"});
    EXPECT_EQ(run.config, "a.yaml");
    EXPECT_EQ(run.summary, "");
    EXPECT_TRUE(run.watch);
    EXPECT_EQ(told<CheckConfigArguments>({"check-config", "a.yaml"}).config, "a.yaml");
}

TEST(CommandLine, TakesTheWordsOfAChoiceInCapitalsOrNot) {
    EXPECT_EQ(told<ReplayArguments>({"replay", "--config", "a", "b"}).via, ReplayVia::inline_);
    EXPECT_EQ(told<ReplayArguments>({"replay", "--config", "a", "b", "--via", "Port"}).via,
              ReplayVia::port);
    EXPECT_EQ(told<SendOptions>({"send", "--to", "10.0.0.1"}).form, proto::Form::columns);
    EXPECT_EQ(told<SendOptions>({"send", "--to", "10.0.0.1", "--form", "rows"}).form,
              proto::Form::rows);
    EXPECT_FALSE(told<TailArguments>({"tail"}).from_head);
    EXPECT_TRUE(told<TailArguments>({"tail", "--from", "head"}).from_head);
    EXPECT_THAT(refusal({"tail", "--from", "middle"}), HasSubstr("middle not in {head,start}"));
    EXPECT_THAT(refusal({"send", "--to", "10.0.0.1", "--form", "2"}),
                HasSubstr("2 not in {columns,narrow,rows}"));
}

TEST(CommandLine, TellsWhichAlarms) {
    const auto one = told<ControlArguments>({"ack", "--id", "0:65535:7"}).request;
    EXPECT_EQ(one.verb, ControlVerb::acknowledge);
    EXPECT_TRUE(one.alarms.id.has_value());
    const auto both =
        told<ControlArguments>({"shelve", "--rule", "hot", "--sensor", "7", "--for", "30m"});
    EXPECT_EQ(both.request.alarms.rule, "hot");
    EXPECT_EQ(both.request.alarms.sensor_id, 7u);
    EXPECT_EQ(both.request.for_ns, 1'800'000'000'000u);
    const auto explain = told<ControlArguments>({"explain", "7", "--json", "--instance", "b"});
    EXPECT_EQ(explain.request.alarms.sensor_id, 7u);
    EXPECT_TRUE(explain.request.json);
    EXPECT_EQ(explain.appliance.instance, "b");
}

TEST(CommandLine, RefusesWhatCannotBeMeant) {
    EXPECT_THAT(refusal({}), HasSubstr("subcommand is required"));
    EXPECT_THAT(refusal({"fly"}), HasSubstr("fly"));
    EXPECT_THAT(refusal({"run"}), HasSubstr("--config is required"));
    EXPECT_THAT(refusal({"ack"}), HasSubstr("an id, a rule or a sensor"));
    EXPECT_THAT(refusal({"ack", "--id", "seven"}), HasSubstr("'seven' is not an id"));
    EXPECT_THAT(refusal({"ack", "--id", "0:65535:7", "--rule", "hot"}), HasSubstr("excludes"));
    EXPECT_THAT(refusal({"shelve", "--rule", "hot"}), HasSubstr("--for is required"));
    EXPECT_THAT(refusal({"shelve", "--rule", "hot", "--for", "soon"}),
                HasSubstr("'soon' is not a duration"));
    EXPECT_THAT(refusal({"shelve", "--rule", "hot", "--for", "40d"}), HasSubstr("31 days"));
    EXPECT_THAT(refusal({"status", "--top", "10001"}),
                HasSubstr("'10001' is not a whole number from 0 to 10000"));
    EXPECT_THAT(refusal({"explain", "boiler"}), HasSubstr("boiler"));
}

TEST(CommandLine, TakesAnIdAsItsDigits) {
    const auto explained = [](const char* id) {
        return told<ControlArguments>({"explain", id}).request.alarms.sensor_id;
    };
    EXPECT_EQ(explained("0"), 0u);
    EXPECT_EQ(explained("010"), 10u) << "not octal";
    EXPECT_EQ(explained("18446744073709551615"), ~std::uint64_t{0});
    const auto send = told<SendOptions>({"send", "--to", "::1", "--first-sensor-id", "7"});
    EXPECT_EQ(send.first_sensor_id, 7u);
}

TEST(CommandLine, RefusesNumbersThatCannotBeHeld) {
    const std::string not_an_id = " is not a whole number from 0 to 18446744073709551615";
    for (const std::string id : {"-1",
                                 "+1",
                                 "18446744073709551616",
                                 "99999999999999999999999",
                                 "0x10",
                                 "1.0",
                                 "7 ",
                                 "1e3"}) {
        EXPECT_THAT(refusal({"explain", id.c_str()}),
                    HasSubstr("sensor: '" + id + '\'' + not_an_id));
        EXPECT_THAT(refusal({"shelve", "--rule", "hot", "--for", "1h", "--sensor", id.c_str()}),
                    HasSubstr("--sensor: '" + id + '\'' + not_an_id));
    }
    const std::vector<std::pair<const char*, const char*>> ranges = {
        {"--port", "1 to 65535"},
        {"--gateways", "1 to 4294967295"},
        {"--sensors", "1 to 18446744073709551615"},
        {"--first-sensor-id", "1 to 18446744073709551615"},
        {"--readings-per-datagram", "1 to 4294967295"},
        {"--seed", "0 to 18446744073709551615"}};
    for (const auto& [option, range] : ranges) {
        EXPECT_THAT(refusal({"send", "--to", "::1", option, "-1"}),
                    HasSubstr(std::string(option) + ": '-1' is not a whole number from " + range));
    }
    EXPECT_THAT(refusal({"send", "--to", "::1", "--port", "65536"}), HasSubstr("'65536'"));
    EXPECT_THAT(refusal({"status", "--silent", "-1"}), HasSubstr("from 0 to 1000000000"));
}

TEST(CommandLine, HelpIsPlainText) {
    for (const char* const subcommand : subcommands) {
        const Read help = read({subcommand, "--help"});
        EXPECT_FALSE(help.line.command);
        EXPECT_EQ(help.line.exit_code, exit_done);
        EXPECT_EQ(help.errors, "");
        EXPECT_THAT(help.output, HasSubstr("--help"));
        EXPECT_TRUE(std::ranges::all_of(help.output, [](char c) {
            return c == '\n' || (c >= ' ' && c <= '~');
        })) << help.output;
        EXPECT_THAT(read({"--help"}).output, HasSubstr(std::string("  ") + subcommand + ' '));
    }
    EXPECT_THAT(read({"--version"}).output, testing::StartsWith("roda "));
}

}  // namespace
}  // namespace roda::appliance
