// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/yaml_reader.hpp"

#include <algorithm>

#include "appliance/config/nearest_word.hpp"
#include "appliance/config/utf8.hpp"

namespace roda::appliance {

namespace {

Position position_of(const YAML::Mark& mark) {
    return mark.is_null() ? Position{} : Position{mark.line + 1, mark.column + 1};
}

// yaml-cpp marks an empty value where the next token begins, so the key stands for it.
Position position_of(const YAML::Node& value, Position key_position) {
    return value.IsNull() ? key_position : position_of(value.Mark());
}

// yaml-cpp takes any bytes for text. One fault is enough: the others are of the same cause.
void check_encoding(std::string_view text, FaultList& faults) {
    const std::size_t good = utf8_prefix(text);
    if (good == text.size()) {
        return;
    }
    const std::string_view before = text.substr(0, good);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is the text's begin
    faults.add({static_cast<int>(lines) + 1, static_cast<int>(good - line_begin) + 1},
               "not UTF-8, save the file as UTF-8");
}

}  // namespace

MappingReader::MappingReader(Context context,
                             const YAML::Node& node,
                             Position position,
                             std::string path)
    : context_(context), position_(position), path_(std::move(path)) {
    if (node.IsMap()) {
        collect(node);
    } else if (!node.IsNull()) {
        readable_ = false;
        const std::string name = path_.empty() ? "the file" : path_.substr(0, path_.size() - 1);
        reject(node, position, name, "give keys with values (KEY: VALUE)");
    }
}

void MappingReader::collect(const YAML::Node& node) {
    for (const auto& pair : node) {
        const Position position = position_of(pair.first.Mark());
        if (!pair.first.IsScalar()) {
            context_.faults.add(position, "a key is " + show_value(pair.first) + ", give a word");
            continue;
        }
        const std::string& key = pair.first.Scalar();
        if (const Entry* const first = find(key)) {
            context_.faults.add(position,
                                path_ + show_text(key) + " is given again after line " +
                                    std::to_string(first->position.line) + ", keep one of them");
            continue;
        }
        entries_.push_back({key, position, pair.second});
    }
}

const MappingReader::Entry* MappingReader::find(std::string_view key) const {
    const auto found = std::find_if(
        entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key == key; });
    return found == entries_.end() ? nullptr : &*found;
}

const MappingReader::Entry* MappingReader::take(std::string_view key) {
    known_.emplace_back(key);
    for (Entry& entry : entries_) {
        if (entry.key == key) {
            entry.taken = true;
            return &entry;
        }
    }
    return nullptr;
}

bool MappingReader::bind_names(std::string_view key,
                               Names& member,
                               const Text& name,
                               const Text& value) {
    if (lists_keys()) {
        note(key, "", "{}", "{NAME: VALUE}; NAME: " + name.range());
    }
    const Entry* const entry = take(key);
    if (entry == nullptr) {
        return true;
    }
    const std::string path = path_ + std::string(key);
    MappingReader given(context_, entry->value, entry->position, path + '.');
    bool usable = given.readable_;
    Names names;
    for (const Entry& pair : given.entries_) {
        names.emplace_back();
        const auto advice = name.read(YAML::Node(pair.key), names.back().first);
        if (advice) {
            context_.faults.add(pair.position,
                                path + " has the name " + show_text(pair.key) + ", " + *advice);
        }
        usable = given.read_value(pair.value,
                                  pair.position,
                                  given.path_ + show_text(pair.key),
                                  names.back().second,
                                  value) &&
                 !advice && usable;
    }
    std::sort(names.begin(), names.end());
    member = std::move(names);
    return usable;
}

void MappingReader::section(std::string_view key, const Read& read) {
    const Entry* const entry = take(key);
    if (entry == nullptr && !readable_) {
        return;
    }
    const YAML::Node node = entry != nullptr ? entry->value : YAML::Node();
    const Position position = entry != nullptr ? entry->position : position_;
    MappingReader child(context_, node, position, path_ + std::string(key) + '.');
    read(child);
    child.finish();
}

void MappingReader::items(std::string_view key, std::size_t max_items, const Read& read) {
    const Entry* const entry = take(key);
    if (lists_keys()) {
        MappingReader any(context_, YAML::Node(), position_, path_ + std::string(key) + "[].");
        read(any);
    }
    if (entry == nullptr || !is_list(*entry)) {
        return;
    }
    for (std::size_t i = 0; i < entry->value.size(); ++i) {
        const YAML::Node node = entry->value[i];
        const Position position = position_of(node, entry->position);
        if (i == max_items) {
            context_.faults.add(position,
                                path_ + std::string(key) + " has " +
                                    std::to_string(entry->value.size()) + " items, keep at most " +
                                    std::to_string(max_items));
        }
        MappingReader item(context_, node, position, item_path(key, i) + '.');
        read(item);
        item.finish();
    }
}

bool MappingReader::is_list(const Entry& entry) {
    if (!entry.value.IsSequence() && !entry.value.IsNull()) {
        reject(entry.value,
               entry.position,
               path_ + entry.key,
               "give a list: [A, B] or one \"- A\" per line");
        return false;
    }
    return true;
}

std::string MappingReader::item_path(std::string_view key, std::size_t index) const {
    return path_ + std::string(key) + '[' + std::to_string(index) + ']';
}

void MappingReader::report(std::initializer_list<std::string_view> keys, const std::string& text) {
    Position position = position_;
    for (const std::string_view key : keys) {
        if (const Entry* const entry = find(key)) {
            position = position_of(entry->value, entry->position);
            break;
        }
    }
    context_.faults.add(position, path_ + std::string(*keys.begin()) + ' ' + text);
}

void MappingReader::report_item(std::string_view key, std::size_t index, const std::string& text) {
    report_at(place_of_item(key, index), text);
}

bool MappingReader::gives(std::string_view key) const {
    const Entry* const entry = find(key);
    return entry != nullptr && !entry->value.IsNull();
}

MappingReader::Place MappingReader::place_of_item(std::string_view key, std::size_t index) const {
    const Entry* const entry = find(key);
    return {entry != nullptr ? position_of(entry->value[index].Mark()) : position_,
            item_path(key, index)};
}

void MappingReader::report_at(const Place& place, const std::string& text) {
    context_.faults.add(place.position, place.path + ' ' + text);
}

void MappingReader::note(std::string_view key,
                         std::string unit,
                         std::string default_value,
                         std::string range) {
    context_.keys->push_back(
        {path_ + std::string(key), std::move(unit), std::move(default_value), std::move(range)});
}

void MappingReader::reject(const YAML::Node& node,
                           Position key_position,
                           const std::string& path,
                           const std::string& advice) {
    context_.faults.add(position_of(node, key_position),
                        path + " is " + show_value(node) + ", " + advice);
}

void MappingReader::report_missing(std::string_view key, const std::string& range) {
    if (readable_) {
        context_.faults.add(position_, path_ + std::string(key) + " is missing, give " + range);
    }
}

void MappingReader::report_unknown(const Entry& entry) {
    std::string text = "unknown key " + path_ + show_text(entry.key) + ", ";
    const std::vector<std::string> known(known_.begin(), known_.end());
    if (const std::string* const meant = nearest_word(entry.key, known)) {
        text += "did you mean " + path_ + *meant + '?';
    } else {
        text += "known here:";
        for (const std::string& key : known) {
            text += (&key == &known.front() ? " " : ", ") + key;
        }
    }
    context_.faults.add(entry.position, std::move(text));
}

void MappingReader::finish() {
    for (const Entry& entry : entries_) {
        if (!entry.taken) {
            report_unknown(entry);
        }
    }
}

void read_yaml(const std::string& text,
               const std::string& file_name,
               const MappingReader::Read& read) {
    FaultList faults(file_name);
    check_encoding(text, faults);
    std::vector<YAML::Node> documents;
    try {
        documents = YAML::LoadAll(text);
    } catch (const YAML::Exception& error) {
        faults.add(position_of(error.mark),
                   "not YAML: " + error.msg +
                       ", check the indentation (spaces, no tabs), colons and quotes");
        faults.throw_if_any();
    }
    if (documents.size() > 1) {
        faults.add(position_of(documents[1].Mark()),
                   "a second YAML document begins, keep one document in the file");
    }
    const YAML::Node top = documents.empty() ? YAML::Node() : documents.front();
    MappingReader root({faults}, top, position_of(top, Position{}), "");
    read(root);
    root.finish();
    faults.throw_if_any();
}

std::vector<KeyInfo> list_keys(const MappingReader::Read& read) {
    FaultList unread("");
    std::vector<KeyInfo> keys;
    MappingReader root({unread, &keys}, YAML::Node(), {}, "");
    read(root);
    return keys;
}

}  // namespace roda::appliance
