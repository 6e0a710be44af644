// SPDX-License-Identifier: Apache-2.0
// The forms of Roda's own kinds of values: names, paths, devices, addresses.
#pragma once

#include <optional>
#include <string>

#include "appliance/config/yaml_forms.hpp"
#include "proto/frame.hpp"

namespace roda::appliance {

Text instance_name();
Text rule_name();
Text device_name();
Text eal_argument();
Text namespace_name();
Text interface_name();
Text absolute_path();
Text file_path();
Text listen_address();

/// An IPv4 or IPv6 address without a prefix length, `@` and the VLAN behind it where there is one.
class HostLiteral {
  public:
    std::optional<std::string> read(const YAML::Node& node, proto::HostAddress& value) const;

    std::string range() const {
        return "IPv4 or IPv6 addresses without a prefix length; ADDRESS@VLAN on a VLAN";
    }

    std::string unit() const { return {}; }
};

/// A multicast group, with its VLAN like a HostLiteral.
class GroupLiteral {
  public:
    std::optional<std::string> read(const YAML::Node& node, proto::HostAddress& value) const;

    std::string range() const { return "IPv4 or IPv6 multicast groups; GROUP@VLAN on a VLAN"; }

    std::string unit() const { return {}; }
};

}  // namespace roda::appliance
