// SPDX-License-Identifier: Apache-2.0
#include "dpdk/eal_arguments.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace roda::dpdk {

namespace {

bool is_hex(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isxdigit(c) != 0;
    });
}

std::string_view before_comma(std::string_view device) noexcept {
    return device.substr(0, device.find(','));
}

}  // namespace

bool is_pci_address(std::string_view device) noexcept {
    std::string_view address = before_comma(device);
    const auto dot = address.rfind('.');
    if (dot == std::string_view::npos) {
        return false;
    }
    const auto function = address.substr(dot + 1);
    if (function.size() != 1 || function[0] < '0' || function[0] > '7') {
        return false;
    }
    address = address.substr(0, dot);
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos || address.size() - colon - 1 != 2 ||
        !is_hex(address.substr(colon + 1))) {
        return false;
    }
    address = address.substr(0, colon);
    const auto domain = address.rfind(':');
    if (domain == std::string_view::npos) {
        return address.size() == 2 && is_hex(address);
    }
    const auto bus = address.substr(domain + 1);
    address = address.substr(0, domain);
    return bus.size() == 2 && is_hex(bus) && address.size() >= 4 && address.size() <= 8 &&
           is_hex(address);
}

std::string device_name(std::string_view device) {
    std::string name(before_comma(device));
    if (!is_pci_address(device)) {
        return name;
    }
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return std::count(name.begin(), name.end(), ':') == 1 ? "0000:" + name : name;
}

std::string vdev_driver(std::string_view device) {
    const auto name = before_comma(device);
    const auto last = name.find_last_not_of("0123456789");
    return std::string(name.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

std::string cpu_ranges(std::span<const unsigned> cpus) {
    std::string text;
    for (std::size_t first = 0; first < cpus.size();) {
        std::size_t last = first;
        while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) {
            ++last;
        }
        text.append(text.empty() ? "" : ",").append(std::to_string(cpus[first]));
        if (last > first) {
            text.append("-").append(std::to_string(cpus[last]));
        }
        first = last + 1;
    }
    return text;
}

std::vector<std::string> eal_arguments(const EalOptions& options,
                                       bool use_hugepages,
                                       std::span<const unsigned> cpus) {
    std::vector<std::string> arguments = {"roda",
                                          std::string("--lcores=0@(") + cpu_ranges(cpus) + ")"};
    if (use_hugepages) {
        arguments.emplace_back("--in-memory");
    } else {
        // --in-memory and --no-huge exclude each other.
        arguments.emplace_back("--no-huge");
        arguments.emplace_back("--no-shconf");
    }
    arguments.insert(arguments.end(), {"-m", std::to_string(options.memory_mb)});
    arguments.emplace_back("--no-telemetry");
    arguments.emplace_back("--log-level=warning");
    // Its warnings are about page sizes that are not there and that nobody asked for.
    arguments.emplace_back("--log-level=lib.eal:error");

    const bool any_pci =
        std::any_of(options.devices.begin(), options.devices.end(), [](const std::string& device) {
            return is_pci_address(device);
        });
    if (!any_pci) {
        arguments.emplace_back("--no-pci");
    }
    for (const auto& device : options.devices) {
        if (is_pci_address(device)) {
            arguments.insert(arguments.end(), {"-a", device});
        } else {
            arguments.push_back("--vdev=" + device);
        }
    }
    arguments.insert(arguments.end(), options.extra_args.begin(), options.extra_args.end());
    return arguments;
}

}  // namespace roda::dpdk
