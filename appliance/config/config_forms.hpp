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
Text absolute_path();
Text listen_address();

/// An IPv4 or IPv6 address without a prefix length.
class IpLiteral {
  public:
    std::optional<std::string> read(const YAML::Node& node, proto::IpAddress& value) const;

    std::string range() const { return "IPv4 or IPv6 addresses without a prefix length"; }

    std::string unit() const { return {}; }
};

}  // namespace roda::appliance
