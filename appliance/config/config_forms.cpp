// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/config_forms.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace roda::appliance {

namespace {

constexpr std::uint16_t last_vlan_id = 4094;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Space and control characters: never in a name, a path or an argument of ours.
bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

bool is_word(std::string_view text) {
    return !text.empty() && std::none_of(text.begin(), text.end(), is_blank);
}

bool is_instance_name(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_lower(c) || is_digit(c) || c == '_' || c == '-';
    });
}

bool is_rule_name(std::string_view text) {
    return !text.empty() && text.size() <= 31 && is_lower(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_lower(c) || is_digit(c) || c == '_';
           });
}

bool is_namespace_name(std::string_view text) {
    constexpr std::size_t longest_file_name = 255;
    return text.empty() || (is_word(text) && text.size() <= longest_file_name && text != "." &&
                            text != ".." && text.find('/') == std::string_view::npos);
}

/// What the kernel takes, without `%`, of which it would make a number.
bool is_interface_name(std::string_view text) {
    constexpr std::size_t longest = 15;
    return text.empty() || (is_word(text) && text.size() <= longest && text != "." &&
                            text != ".." && text.find_first_of("/:%") == std::string_view::npos);
}

bool is_absolute_path(std::string_view text) {
    return is_word(text) && text.front() == '/';
}

bool is_file_path(std::string_view text) {
    return text.empty() || (is_word(text) && text.back() != '/');
}

std::optional<proto::IpAddress> parse_ip(const std::string& text) {
    std::array<std::uint8_t, 4> v4{};
    if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) {
        return proto::IpAddress::v4(v4[0], v4[1], v4[2], v4[3]);
    }
    proto::IpAddress v6;
    if (inet_pton(AF_INET6, text.c_str(), v6.bytes.data()) == 1) {
        return v6;
    }
    return std::nullopt;
}

bool is_ip(std::string_view text) {
    return parse_ip(std::string(text)).has_value();
}

bool is_group(const proto::IpAddress& address) {
    return address.is_v4() ? address.bytes[12] >> 4 == 14 : address.bytes[0] == 0xff;
}

// ADDRESS or ADDRESS@VLAN. Returns the advice when it is neither.
std::optional<std::string> read_host(const YAML::Node& node, proto::HostAddress& value) {
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    const std::size_t at = text.find('@');
    const auto address = parse_ip(text.substr(0, at));
    if (!address) {
        const std::string alone = text.substr(0, text.find('/'));
        return parse_ip(alone) ? "give the address alone: " + alone
                               : "give an IPv4 or IPv6 address";
    }
    std::uint16_t vlan_id = 0;
    if (at != std::string::npos) {
        const char* const end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data() + at + 1, end, vlan_id);
        if (error != std::errc{} || rest != end || vlan_id == 0 || vlan_id > last_vlan_id) {
            return "give the VLAN as a number from 1 to 4094: " + text.substr(0, at) + "@100";
        }
    }
    value = {*address, vlan_id};
    return std::nullopt;
}

}  // namespace

Text instance_name() {
    return {"1 to 32 characters of a-z, 0-9, _ and -", is_instance_name};
}

Text rule_name() {
    return {"1 to 31 characters of a-z, 0-9 and _, a letter first", is_rule_name};
}

Text device_name() {
    return {"a PCI address (0000:3b:00.0) or a virtual device (net_tap0,iface=roda0)", is_word};
}

Text eal_argument() {
    return {"one argument without spaces", is_word};
}

Text namespace_name() {
    return {"a name from `ip netns list`, or \"\"", is_namespace_name};
}

Text interface_name() {
    return {"at most 15 characters without spaces, /, : and %, or \"\"", is_interface_name};
}

Text absolute_path() {
    return {"a path that begins with /, without spaces", is_absolute_path};
}

Text file_path() {
    return {
        "a path without spaces, from the folder of this file if it does not begin with /, or \"\"",
        is_file_path};
}

Text listen_address() {
    return {"an IPv4 or IPv6 address", is_ip};
}

std::optional<std::string> HostLiteral::read(const YAML::Node& node,
                                             proto::HostAddress& value) const {
    proto::HostAddress parsed;
    if (auto advice = read_host(node, parsed)) {
        return advice;
    }
    if (parsed.address == proto::IpAddress{} ||
        parsed.address == proto::IpAddress::v4(0, 0, 0, 0)) {
        return "give an address of this port, or leave the list empty to take every destination";
    }
    if (is_group(parsed.address)) {
        return "move it to port.groups: it is a multicast group";
    }
    value = parsed;
    return std::nullopt;
}

std::optional<std::string> GroupLiteral::read(const YAML::Node& node,
                                              proto::HostAddress& value) const {
    proto::HostAddress parsed;
    if (auto advice = read_host(node, parsed)) {
        return advice;
    }
    if (!is_group(parsed.address)) {
        return "give a multicast group (224.0.0.0/4 or ff00::/8); addresses of this port are in "
               "port.addresses";
    }
    value = parsed;
    return std::nullopt;
}

}  // namespace roda::appliance
