// SPDX-License-Identifier: Apache-2.0
// Strict reading of YAML: binds keys to members and reports every fault of the file at once.
// General: knows no key of Roda's; config.cpp names them.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "appliance/config/fault_list.hpp"
#include "appliance/config/key_info.hpp"
#include "appliance/config/yaml_forms.hpp"

namespace roda::appliance {

enum class Presence : std::uint8_t { optional, required };

/// One mapping of the file, key by key.
///
/// Whatever is not asked for is an unknown key; a key given twice is a fault. An absent or empty
/// section reads as a mapping without keys, so that the required keys in it are found missing.
class MappingReader {
  public:
    using Read = std::function<void(MappingReader&)>;
    using Names = std::vector<std::pair<std::string, std::string>>;

    /// Something in the file and what messages call it.
    struct Place {
        Position position;
        std::string path;
    };

    /// Where the faults go, and the keys when they are listed.
    struct Context {
        FaultList& faults;
        std::vector<KeyInfo>* keys = nullptr;
    };

    /// Shape: `path` stands before each key in messages: "", "port.", "rules[0].".
    /// `position` is where a missing key is reported.
    MappingReader(Context context, const YAML::Node& node, Position position, std::string path);

    /// Reads one value; an absent optional key leaves the member at its default.
    ///
    /// Returns: whether the member may be used in checks across keys: it was valid or defaulted.
    template <typename T, FormOf<T> Form>
    bool bind(std::string_view key,
              T& member,
              const Form& form,
              Presence presence = Presence::optional) {
        const bool required = presence == Presence::required;
        if (lists_keys()) {
            note(key, form.unit(), required ? "required" : form.show(member), form.range());
        }
        const Entry* const entry = take(key);
        if (entry == nullptr) {
            if (required) {
                report_missing(key, form.range());
            }
            return !required;
        }
        return read_value(entry->value, entry->position, path_ + std::string(key), member, form);
    }

    /// Reads a list of values; every faulty item is reported.
    template <typename T, ItemFormOf<T> Form>
    bool bind_list(std::string_view key, std::vector<T>& member, const Form& form) {
        if (lists_keys()) {
            note(key, form.unit(), "[]", "a list: " + form.range());
        }
        const Entry* const entry = take(key);
        if (entry == nullptr || !is_list(*entry)) {
            return entry == nullptr;
        }
        bool usable = true;
        std::vector<T> items(entry->value.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            usable =
                read_value(entry->value[i], entry->position, item_path(key, i), items[i], form) &&
                usable;
        }
        member = std::move(items);
        return usable;
    }

    /// Reads a mapping of names that the operator chooses, each with a text. Shape: in the order of
    /// the names.
    bool bind_names(std::string_view key, Names& member, const Text& name, const Text& value);

    /// Reads the mapping under `key`.
    void section(std::string_view key, const Read& read);

    /// Reads a list of at most `max_items` mappings, calling `read` for each.
    void items(std::string_view key, std::size_t max_items, const Read& read);

    /// Reports a fault across keys, as `KEYS[0] TEXT` at the first of `keys` that the file gives.
    void report(std::initializer_list<std::string_view> keys, const std::string& text);

    /// Reports a fault of one item of a list, as `KEY[INDEX] TEXT`.
    void report_item(std::string_view key, std::size_t index, const std::string& text);

    /// Whether the file gives the key, with a value.
    bool gives(std::string_view key) const;

    /// For checks that have to wait until more of the file is read.
    Place place_of_item(std::string_view key, std::size_t index) const;
    void report_at(const Place& place, const std::string& text);

    /// Reports the keys that nobody asked for; read_yaml(), section() and items() call it.
    void finish();

  private:
    struct Entry {
        std::string key;
        Position position;
        YAML::Node value;
        bool taken = false;
    };

    template <typename T, ItemFormOf<T> Form>
    bool read_value(const YAML::Node& node,
                    Position key_position,
                    const std::string& path,
                    T& member,
                    const Form& form) {
        const auto advice = form.read(node, member);
        if (advice) {
            reject(node, key_position, path, *advice);
        }
        return !advice;
    }

    void collect(const YAML::Node& node);
    const Entry* take(std::string_view key);
    const Entry* find(std::string_view key) const;
    std::string item_path(std::string_view key, std::size_t index) const;
    bool is_list(const Entry& entry);

    bool lists_keys() const { return context_.keys != nullptr; }

    void note(std::string_view key, std::string unit, std::string default_value, std::string range);
    void reject(const YAML::Node& node,
                Position key_position,
                const std::string& path,
                const std::string& advice);
    void report_missing(std::string_view key, const std::string& range);
    void report_unknown(const Entry& entry);

    Context context_;
    Position position_;
    std::string path_;
    std::vector<Entry> entries_;
    std::vector<std::string_view> known_;  // literals of the code that asks
    bool readable_ = true;                 // false: not a mapping at all, said once
};

/// Reads a YAML document whose top is a mapping.
///
/// Errors: StartupError with every fault, `FILE:LINE:COLUMN: what, and what to do`.
void read_yaml(const std::string& text,
               const std::string& file_name,
               const MappingReader::Read& read);

/// Every key that `read` asks for, in its order.
std::vector<KeyInfo> list_keys(const MappingReader::Read& read);

}  // namespace roda::appliance
