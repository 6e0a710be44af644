// SPDX-License-Identifier: Apache-2.0
// Reads an inventory and says all that is wrong with it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "appliance/config/fault_list.hpp"
#include "appliance/rules/inventory.hpp"

namespace roda::appliance {

/// Shape: for one text.
class InventoryReader {
  public:
    explicit InventoryReader(const std::string& file_name) : faults_(file_name) {}

    /// In the order of their ids. Errors: StartupError with every fault, but no more than a
    /// hundred.
    std::vector<InventoryEntry> read(std::string_view text);

  private:
    // In the order of inventory_columns.
    enum class Column : std::uint8_t {
        id,
        name,
        unit,
        expected_interval_s,
        hihi,
        hi,
        lo,
        lolo,
        label
    };

    struct Heading {
        Column column;
        std::string name;
    };

    void take_heading(std::string_view text, Position position);
    void take_headings(Position row);
    void take_field(std::string_view text, Position position);
    void take_row(Position row);
    void take_id(std::string_view text, Position position);
    void take_interval(std::string_view text, Position position);
    void take_limit(const Heading& heading, std::string_view text, Position position);
    std::string take_text(const std::string& name, std::string_view text, Position position);
    void check_limits();
    void put_in_order();
    void report(Position position, std::string text);

    FaultList faults_;
    std::size_t fault_count_ = 0;
    std::vector<Heading> headings_;
    std::size_t labels_ = 0;  // among them
    bool has_headings_ = false;
    std::vector<InventoryEntry> entries_;
    std::vector<Position> places_;  // of each entry's id

    // The row under way.
    InventoryEntry entry_;
    std::size_t fields_ = 0;
    std::optional<Position> id_place_;  // nothing: the row has no id
    bool has_id_ = false;               // and it is a number
    std::array<Position, 4> limit_places_;
};

}  // namespace roda::appliance
