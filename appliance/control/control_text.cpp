// SPDX-License-Identifier: Apache-2.0
#include "appliance/control/control_text.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "pipeline/fleet/net_id.hpp"

namespace roda::appliance {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using Fault = std::optional<std::string>;

constexpr std::size_t longest_rule_name = 31;  // config/rule.hpp

std::string line_of(const ordered_json& object) {
    return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

std::string_view name_of(ControlVerb verb) {
    return control_verb_names[static_cast<std::size_t>(verb)];
}

/// Reads the line into an object. nlohmann keeps the last of members with the same name: here it
/// is a fault, since who wrote both meant one of them.
Fault read_object(std::string_view line, json& object) {
    std::set<std::string> names;
    std::string twice;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth == 1 && event == json::parse_event_t::key &&
            !names.insert(parsed.get<std::string>()).second) {
            twice = parsed.get<std::string>();
        }
        return true;
    };
    object = json::parse(line, watch, false);
    if (!object.is_object()) {
        return "not a JSON object";
    }
    if (!twice.empty()) {
        return '"' + twice + "\" is given twice";
    }
    return std::nullopt;
}

bool selects_alarms(ControlVerb verb) {
    return verb == ControlVerb::acknowledge || verb == ControlVerb::shelve ||
           verb == ControlVerb::unshelve;
}

bool takes(ControlVerb verb, std::string_view member) {
    if (member == "id" || member == "rule") {
        return selects_alarms(verb);
    }
    if (member == "sensor_id") {
        return verb != ControlVerb::reload;
    }
    return (member == "for_ns" && verb == ControlVerb::shelve) ||
           (member == "json" && verb == ControlVerb::explain);
}

Fault read_verb(const json& object, ControlVerb& verb) {
    const auto member = object.find("verb");
    if (member == object.end() || !member->is_string()) {
        return "\"verb\" is missing: reload, ack, shelve, unshelve or explain";
    }
    const auto& name = member->get_ref<const std::string&>();
    const auto known = std::find(control_verb_names.begin(), control_verb_names.end(), name);
    if (known == control_verb_names.end()) {
        return "unknown verb \"" + name + "\": reload, ack, shelve, unshelve or explain";
    }
    verb = static_cast<ControlVerb>(known - control_verb_names.begin());
    return std::nullopt;
}

/// A member that the verb takes.
Fault read_member(const std::string& name, const json& value, ControlRequest& request) {
    if (name == "id") {
        const auto id = value.is_string() ? NetId64::parse(value.get_ref<const std::string&>())
                                          : std::optional<NetId64>();
        if (!id || id->is_zero()) {
            return "\"id\" is a text KIND:NODE:COUNTER";
        }
        request.alarms.id = id->bits;
    } else if (name == "rule") {
        if (!value.is_string() || value.get_ref<const std::string&>().empty() ||
            value.get_ref<const std::string&>().size() > longest_rule_name) {
            return "\"rule\" is a text of 1 to 31 bytes";
        }
        request.alarms.rule = value.get<std::string>();
    } else if (name == "json") {
        if (!value.is_boolean()) {
            return "\"json\" is true or false";
        }
        request.json = value.get<bool>();
    } else {
        if (!value.is_number_unsigned()) {
            return '"' + name + "\" is a whole number from 0";
        }
        const auto number = value.get<std::uint64_t>();
        name == "for_ns" ? void(request.for_ns = number) : void(request.alarms.sensor_id = number);
    }
    return std::nullopt;
}

}  // namespace

Fault fault_of(const ControlRequest& request) {
    const AlarmSelector& alarms = request.alarms;
    const std::string verb(name_of(request.verb));
    if (request.verb == ControlVerb::explain && !alarms.sensor_id) {
        return verb + " needs a sensor";
    }
    if (selects_alarms(request.verb) && !alarms.id && alarms.rule.empty() && !alarms.sensor_id) {
        return verb + " needs to know which alarms: an id, a rule or a sensor";
    }
    if (request.verb == ControlVerb::shelve &&
        (request.for_ns < shortest_shelf_ns || request.for_ns > longest_shelf_ns)) {
        return verb + " is for a time from 1 second to 31 days";
    }
    return std::nullopt;
}

std::string to_line(const ControlRequest& request) {
    const AlarmSelector& alarms = request.alarms;
    ordered_json object;
    object["verb"] = name_of(request.verb);
    if (alarms.id) {
        object["id"] = NetId64{*alarms.id}.to_text();
    }
    if (!alarms.rule.empty()) {
        object["rule"] = alarms.rule;
    }
    if (alarms.sensor_id) {
        object["sensor_id"] = *alarms.sensor_id;
    }
    if (request.for_ns != 0) {
        object["for_ns"] = request.for_ns;
    }
    if (request.json) {
        object["json"] = true;
    }
    return line_of(object);
}

std::string to_line(const ControlReply& reply) {
    return line_of(ordered_json{{"done", reply.done}, {"text", reply.text}});
}

Fault read_request(std::string_view line, ControlRequest& request) {
    json object;
    if (Fault fault = read_object(line, object)) {
        return fault;
    }
    request = {};
    if (Fault fault = read_verb(object, request.verb)) {
        return fault;
    }
    for (const auto& [name, value] : object.items()) {
        if (name == "verb") {
            continue;
        }
        if (!takes(request.verb, name)) {
            return std::string(name_of(request.verb)) + " knows no \"" + name + '"';
        }
        if (Fault fault = read_member(name, value, request)) {
            return fault;
        }
    }
    return fault_of(request);
}

Fault read_reply(std::string_view line, ControlReply& reply) {
    json object;
    if (Fault fault = read_object(line, object)) {
        return fault;
    }
    const auto done = object.find("done");
    const auto text = object.find("text");
    if (object.size() != 2 || done == object.end() || !done->is_boolean() || text == object.end() ||
        !text->is_string()) {
        return "not a reply: \"done\" and \"text\" are what it has";
    }
    reply = {done->get<bool>(), text->get<std::string>()};
    return std::nullopt;
}

}  // namespace roda::appliance
