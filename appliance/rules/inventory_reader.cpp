// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/inventory_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>

#include "appliance/config/rule_forms.hpp"
#include "appliance/config/utf8.hpp"
#include "appliance/rules/csv_rows.hpp"

namespace roda::appliance {

namespace {

constexpr std::size_t most_faults = 100;
constexpr double longest_interval_s = 31'536'000.0;  // a year
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

template <typename T>
std::optional<T> number(std::string_view text) {
    T value{};
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || rest != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

bool equal_but_for_case(std::string_view left, std::string_view right) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(
        left.begin(), left.end(), right.begin(), right.end(), [&](char one, char other) {
            return lower(one) == lower(other);
        });
}

constexpr std::array<std::string_view, 4> limit_names = {"hihi", "hi", "lo", "lolo"};

std::array<double*, 4> limits_of(InventoryEntry& entry) {
    SensorLimits& limits = entry.limits;
    return {&limits.hihi, &limits.hi, &limits.lo, &limits.lolo};
}

// A column that would be taken for a label although it was meant for one of ours.
std::optional<std::string_view> meant_column(std::string_view name) {
    constexpr std::string_view interval = "expected_interval";
    for (const std::string_view known : inventory_columns) {
        if (equal_but_for_case(name, known) || (name.substr(0, interval.size()) == interval &&
                                                known.substr(0, interval.size()) == interval)) {
            return known;
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<InventoryEntry> InventoryReader::read(std::string_view text) {
    const std::string_view rows = text.substr(
        text.substr(0, byte_order_mark.size()) == byte_order_mark ? byte_order_mark.size() : 0);
    const CsvReceiver receiver = {
        [&](std::string_view field, Position position) {
            has_headings_ ? take_field(field, position) : take_heading(field, position);
        },
        [&](Position position) { has_headings_ ? take_row(position) : take_headings(position); }};
    CsvFault fault = read_csv(rows, receiver);
    if (!fault.text.empty()) {
        report(fault.position, std::move(fault.text));
    } else if (!has_headings_) {
        report({}, "the file is empty, give a first line that names its columns: id,name,unit");
    }
    put_in_order();
    faults_.throw_if_any();
    return std::move(entries_);
}

void InventoryReader::take_heading(std::string_view text, Position position) {
    static_assert(inventory_columns.size() == static_cast<std::size_t>(Column::label));
    const std::string name(text);
    const auto* const known = std::find(inventory_columns.begin(), inventory_columns.end(), text);
    const bool is_label = known == inventory_columns.end();
    const bool repeated = std::any_of(
        headings_.begin(), headings_.end(), [&](const Heading& one) { return one.name == name; });
    headings_.push_back({static_cast<Column>(known - inventory_columns.begin()), name});
    labels_ += is_label ? 1 : 0;
    if (name.find(';') != std::string::npos || name.find('\t') != std::string::npos) {
        report(position, "the columns are not separated by commas, write the file with commas");
    } else if (repeated) {
        report(position, "column " + show_text(name) + " is there already, keep one of them");
    } else if (const auto meant = is_label ? meant_column(name) : std::nullopt) {
        report(position,
               "unknown column " + show_text(name) + ", did you mean " + std::string(*meant) + '?');
    } else if (is_label && !is_inventory_label_name(name)) {
        report(position,
               "column \"" + show_text(name) +
                   "\" can be no label, give a name of letters, digits and _, no digit and no __ "
                   "in front, other than rule, severity, level, sensor, transition");
    }
}

void InventoryReader::take_headings(Position row) {
    has_headings_ = true;
    if (std::none_of(headings_.begin(), headings_.end(), [](const Heading& one) {
            return one.column == Column::id;
        })) {
        report(row, "there is no column id, give it the sensors' numbers");
    }
}

void InventoryReader::take_field(std::string_view text, Position position) {
    if (fields_++ >= headings_.size() || text.empty()) {
        return;  // of too many, take_row() speaks
    }
    const Heading& heading = headings_[fields_ - 1];
    switch (heading.column) {
        case Column::id:
            take_id(text, position);
            break;
        case Column::name:
            entry_.name = take_text(heading.name, text, position);
            break;
        case Column::unit:
            entry_.unit = take_text(heading.name, text, position);
            break;
        case Column::expected_interval_s:
            take_interval(text, position);
            break;
        case Column::label:
            entry_.labels.reserve(labels_);
            entry_.labels.emplace_back(heading.name, take_text(heading.name, text, position));
            break;
        default:
            take_limit(heading, text, position);
    }
}

void InventoryReader::take_id(std::string_view text, Position position) {
    const auto id = number<std::uint64_t>(text);
    if (!id) {
        report(position, "id is " + show_text(std::string(text)) + ", give a whole number");
    }
    entry_.sensor_id = id.value_or(0);
    has_id_ = id.has_value();
    id_place_ = position;
}

std::string InventoryReader::take_text(const std::string& name,
                                       std::string_view text,
                                       Position position) {
    if (!is_label_value(text)) {
        report(position,
               name + " is " + show_text(std::string(text)) +
                   ", give 1 to 255 bytes of text on one line");
    } else if (!is_utf8(text)) {
        report(position, name + " is not UTF-8, save the file as UTF-8");
    }
    return std::string(text);
}

void InventoryReader::take_interval(std::string_view text, Position position) {
    const auto seconds = number<double>(text);
    if (!seconds || !(*seconds > 0.0) || *seconds > longest_interval_s) {
        report(position,
               "expected_interval_s is " + show_text(std::string(text)) +
                   ", give seconds, above 0 and at most a year");
        return;
    }
    entry_.expected_interval_ns = static_cast<std::uint64_t>(std::llround(*seconds * 1e9));
}

void InventoryReader::take_limit(const Heading& heading, std::string_view text, Position position) {
    const auto limit = number<double>(text);
    if (!limit || !std::isfinite(*limit)) {
        report(position,
               heading.name + " is " + show_text(std::string(text)) + ", give a finite number");
        return;
    }
    const auto level =
        static_cast<std::size_t>(heading.column) - static_cast<std::size_t>(Column::hihi);
    *limits_of(entry_)[level] = *limit;
    limit_places_[level] = position;
}

void InventoryReader::take_row(Position row) {
    if (fields_ != headings_.size()) {
        report(row,
               "has " + std::to_string(fields_) + " fields, give " +
                   std::to_string(headings_.size()) + " as the first line names");
    } else if (!id_place_) {
        report(row, "id is missing, give the sensor's number");
    } else {
        check_limits();
        std::sort(entry_.labels.begin(), entry_.labels.end());
        if (has_id_) {
            entries_.push_back(std::move(entry_));
            places_.push_back(*id_place_);
        }
    }
    entry_ = {};
    fields_ = 0;
    id_place_.reset();
}

void InventoryReader::check_limits() {
    const auto limits = limits_of(entry_);
    std::optional<std::size_t> above;
    for (std::size_t level = 0; level < limits.size(); ++level) {
        if (std::isnan(*limits[level])) {
            continue;
        }
        if (above && !(*limits[level] < *limits[*above])) {
            report(limit_places_[level],
                   std::string(limit_names[level]) + " is " + show_real(*limits[level]) +
                       ", give less than " + std::string(limit_names[*above]) + " (" +
                       show_real(*limits[*above]) + ')');
        }
        above = level;
    }
}

// Lines may come in any order; most files have the ids in theirs already.
void InventoryReader::put_in_order() {
    const auto in_order = [](const InventoryEntry& one, const InventoryEntry& next) {
        return one.sensor_id < next.sensor_id;
    };
    if (std::adjacent_find(
            entries_.begin(), entries_.end(), [&](const auto& one, const auto& next) {
                return !in_order(one, next);
            }) == entries_.end()) {
        return;
    }
    std::vector<std::size_t> order(entries_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return in_order(entries_[left], entries_[right]);
    });
    std::vector<InventoryEntry> sorted;
    sorted.reserve(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        InventoryEntry& entry = entries_[order[i]];
        if (i > 0 && sorted.back().sensor_id == entry.sensor_id) {
            report(places_[order[i]],
                   "id is " + std::to_string(entry.sensor_id) + " as in line " +
                       std::to_string(places_[order[i - 1]].line) + ", keep one of them");
        }
        sorted.push_back(std::move(entry));
    }
    entries_ = std::move(sorted);
}

void InventoryReader::report(Position position, std::string text) {
    ++fault_count_;
    if (fault_count_ <= most_faults) {
        faults_.add(position, std::move(text));
    } else if (fault_count_ == most_faults + 1) {
        faults_.add({}, "has more than a hundred faults, mend these first");
    }
}

}  // namespace roda::appliance
