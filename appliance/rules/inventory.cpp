// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/inventory.hpp"

#include <new>

#include "appliance/config/text_file.hpp"
#include "appliance/rules/inventory_reader.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {

Inventory Inventory::load(const std::string& path) {
    constexpr std::size_t largest_bytes = std::size_t{4} << 30;
    try {
        return parse(read_text_file(path, largest_bytes, "deploy/inventory.csv"), path);
    } catch (const std::bad_alloc&) {
        throw StartupError("no memory for so many sensors", path, "give a shorter inventory");
    }
}

Inventory Inventory::parse(std::string_view text, const std::string& file_name) {
    return Inventory(InventoryReader(file_name).read(text));
}

}  // namespace roda::appliance
