// SPDX-License-Identifier: Apache-2.0
#include "appliance/control/control_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/fleet/net_id.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t half_hour_ns = 1'800'000'000'000;

std::string without_end(std::string line) {
    EXPECT_TRUE(line.ends_with('\n'));
    line.pop_back();
    EXPECT_EQ(line.find('\n'), line.npos);
    return line;
}

/// The request after a way over the socket, as a line again; else what is wrong with it.
std::string round_trip(const ControlRequest& request) {
    ControlRequest arrived;
    if (const auto fault = read_request(without_end(to_line(request)), arrived)) {
        return "fault: " + *fault;
    }
    return without_end(to_line(arrived));
}

std::string fault_in(std::string_view line) {
    ControlRequest request;
    return read_request(line, request).value_or("none");
}

TEST(ControlText, RequestsGoOverWhole) {
    const std::uint64_t id = NetId64::make(1, 7, 42).bits;
    EXPECT_EQ(round_trip({.verb = ControlVerb::reload}), R"({"verb":"reload"})");
    EXPECT_EQ(round_trip({.verb = ControlVerb::acknowledge, .alarms = {.id = id}}),
              R"({"verb":"ack","id":"1:7:42"})");
    EXPECT_EQ(round_trip({.verb = ControlVerb::shelve,
                          .alarms = {.rule = "hot", .sensor_id = ~std::uint64_t{0}},
                          .for_ns = half_hour_ns}),
              R"({"verb":"shelve","rule":"hot","sensor_id":18446744073709551615,)"
              R"("for_ns":1800000000000})");
    EXPECT_EQ(round_trip({.verb = ControlVerb::unshelve, .alarms = {.rule = "hot"}}),
              R"({"verb":"unshelve","rule":"hot"})");
    EXPECT_EQ(round_trip({.verb = ControlVerb::explain, .alarms = {.sensor_id = 0}, .json = true}),
              R"({"verb":"explain","sensor_id":0,"json":true})");
}

TEST(ControlText, ReplyKeepsItsLinesAndQuotesOnOneLine) {
    const std::string text =
        "sensor 417\n  \"hot\" \\ 10 \xC2\xB0"
        "C\t\x01";
    ControlReply reply;
    EXPECT_EQ(read_reply(without_end(to_line(ControlReply{true, text})), reply), std::nullopt);
    EXPECT_TRUE(reply.done);
    EXPECT_EQ(reply.text, text);
    EXPECT_EQ(read_reply(without_end(to_line(ControlReply{false, ""})), reply), std::nullopt);
    EXPECT_FALSE(reply.done);
    EXPECT_EQ(reply.text, "");
}

TEST(ControlText, BytesThatAreNoUtf8AreReplaced) {
    ControlReply reply;
    EXPECT_EQ(read_reply(without_end(to_line(ControlReply{true, "a\xFFz"})), reply), std::nullopt);
    EXPECT_EQ(reply.text, "a\xEF\xBF\xBDz");
}

TEST(ControlText, AUserCannotBeClaimed) {
    const ControlRequest request{.verb = ControlVerb::reload, .by = "root"};
    EXPECT_EQ(to_line(request), "{\"verb\":\"reload\"}\n");
    EXPECT_EQ(fault_in(R"({"verb":"reload","by":"root"})"), "reload knows no \"by\"");
}

TEST(ControlText, RefusesWhatIsNoObject) {
    for (const char* line : {"",
                             "reload",
                             "[]",
                             "\"reload\"",
                             "{",
                             "{\"verb\":\"reload\"} {}",
                             "{'verb':'reload'}",
                             "{\"verb\":\"reload\",}",
                             "{\"verb\":\"\xFF\"}"}) {
        EXPECT_EQ(fault_in(line), "not a JSON object") << line;
    }
    EXPECT_EQ(fault_in(std::string(4096, '[')), "not a JSON object");
}

TEST(ControlText, RefusesAVerbThatItDoesNotKnow) {
    const std::string verbs = ": reload, ack, shelve, unshelve or explain";
    EXPECT_EQ(fault_in("{}"), "\"verb\" is missing" + verbs);
    EXPECT_EQ(fault_in(R"({"verb":1})"), "\"verb\" is missing" + verbs);
    EXPECT_EQ(fault_in(R"({"verb":"Reload"})"), "unknown verb \"Reload\"" + verbs);
}

TEST(ControlText, RefusesMembersThatTheVerbDoesNotKnow) {
    EXPECT_EQ(fault_in(R"({"verb":"reload","rule":"hot"})"), "reload knows no \"rule\"");
    EXPECT_EQ(fault_in(R"({"verb":"ack","rule":"hot","for_ns":1})"), "ack knows no \"for_ns\"");
    EXPECT_EQ(fault_in(R"({"verb":"ack","rule":"hot","json":true})"), "ack knows no \"json\"");
    EXPECT_EQ(fault_in(R"({"verb":"explain","id":"1:1:1"})"), "explain knows no \"id\"");
    EXPECT_EQ(fault_in(R"({"verb":"unshelve","rules":["hot"]})"), "unshelve knows no \"rules\"");
}

TEST(ControlText, RefusesMembersOfAnotherType) {
    const std::string id = "\"id\" is a text KIND:NODE:COUNTER";
    const std::string rule = "\"rule\" is a text of 1 to 31 bytes";
    const std::string sensor = "\"sensor_id\" is a whole number from 0";
    EXPECT_EQ(fault_in(R"({"verb":"ack","id":7})"), id);
    EXPECT_EQ(fault_in(R"({"verb":"ack","id":"seven"})"), id);
    EXPECT_EQ(fault_in(R"({"verb":"ack","id":"0:0:0"})"), id);
    EXPECT_EQ(fault_in(R"({"verb":"ack","rule":["hot"]})"), rule);
    EXPECT_EQ(fault_in(R"({"verb":"ack","rule":""})"), rule);
    EXPECT_EQ(fault_in(R"({"verb":"ack","rule":")" + std::string(32, 'r') + "\"}"), rule);
    EXPECT_EQ(fault_in(R"({"verb":"explain","sensor_id":"417"})"), sensor);
    EXPECT_EQ(fault_in(R"({"verb":"explain","sensor_id":-1})"), sensor);
    EXPECT_EQ(fault_in(R"({"verb":"explain","sensor_id":1.0})"), sensor);
    EXPECT_EQ(fault_in(R"({"verb":"explain","sensor_id":18446744073709551616})"), sensor);
    EXPECT_EQ(fault_in(R"({"verb":"explain","sensor_id":1,"json":1})"),
              "\"json\" is true or false");
}

TEST(ControlText, RefusesMembersGivenTwice) {
    EXPECT_EQ(fault_in(R"({"verb":"ack","rule":"hot","rule":"cold"})"), "\"rule\" is given twice");
    EXPECT_EQ(fault_in(R"({"verb":"reload","verb":"reload"})"), "\"verb\" is given twice");
}

TEST(ControlText, AsksForWhatIsMissing) {
    const std::string which = " needs to know which alarms: an id, a rule or a sensor";
    const std::string span = "shelve is for a time from 1 second to 31 days";
    EXPECT_EQ(fault_in(R"({"verb":"ack"})"), "ack" + which);
    EXPECT_EQ(fault_in(R"({"verb":"unshelve"})"), "unshelve" + which);
    EXPECT_EQ(fault_in(R"({"verb":"shelve","for_ns":1000000000})"), "shelve" + which);
    EXPECT_EQ(fault_in(R"({"verb":"explain"})"), "explain needs a sensor");
    EXPECT_EQ(fault_in(R"({"verb":"shelve","rule":"hot"})"), span);
    EXPECT_EQ(fault_in(R"({"verb":"shelve","rule":"hot","for_ns":999999999})"), span);
    EXPECT_EQ(fault_in(R"({"verb":"shelve","rule":"hot","for_ns":1000000000})"), "none");
    EXPECT_EQ(fault_in(R"({"verb":"shelve","rule":"hot","for_ns":2678400000000000})"), "none");
    EXPECT_EQ(fault_in(R"({"verb":"shelve","rule":"hot","for_ns":2678400000000001})"), span);
}

TEST(ControlText, RefusesRepliesOfAnotherShape) {
    for (const char* line : {"no",
                             "{}",
                             R"({"done":1,"text":""})",
                             R"({"done":true})",
                             R"({"done":true,"text":"","more":1})"}) {
        ControlReply reply;
        EXPECT_NE(read_reply(line, reply), std::nullopt) << line;
    }
}

}  // namespace
}  // namespace roda::appliance
