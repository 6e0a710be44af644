// SPDX-License-Identifier: Apache-2.0
// Options by the form of their value. For command_line.cpp alone: it includes CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "appliance/control/control_words.hpp"

namespace roda::appliance {

/// An option that takes one of these words, in capitals or not, and its help names them.
template <class Value>
CLI::Option* add_choice(CLI::App& command,
                        const std::string& name,
                        Value& value,
                        const std::map<std::string, Value>& choices,
                        const std::string& help) {
    std::vector<std::string> words;
    for (const auto& [word, of_word] : choices) {
        words.push_back(word);
    }
    return command
        .add_option_function<std::string>(
            name, [&value, choices](const std::string& word) { value = choices.at(word); }, help)
        ->transform(CLI::IsMember(words, CLI::ignore_case));
}

/// How a value of its own form is called, read, and described when it cannot be read.
struct WordForm {
    std::string type;
    std::function<std::optional<std::uint64_t>(std::string_view)> read;
    std::string advice;
};

inline WordForm alert_id_form() {
    return {"KIND:NODE:COUNTER", read_alert_id, "an id of `roda tail --json`"};
}

inline WordForm duration_form() {
    return {"DURATION", read_duration, "a duration: 90s, 30m, 8h, 7d"};
}

/// Decimal digits. CLI11 itself would take -1 for the greatest number, and 010 for 8.
inline WordForm whole_form(std::uint64_t least, std::uint64_t most) {
    return {"NUMBER",
            [least, most](std::string_view text) {
                const auto number = read_whole(text);
                return number && *number >= least && *number <= most ? number : std::nullopt;
            },
            "a whole number from " + std::to_string(least) + " to " + std::to_string(most)};
}

inline WordForm sensor_id_form() {
    return whole_form(0, ~std::uint64_t{0});
}

/// `value`: a number that holds all that the form reads, or an optional one.
template <class Value>
CLI::Option* add_word(CLI::App& command,
                      const std::string& name,
                      const WordForm& form,
                      Value& value,
                      const std::string& help) {
    return command
        .add_option_function<std::string>(
            name,
            [name, form, &value](const std::string& text) {
                const auto read = form.read(text);
                if (!read) {
                    throw CLI::ValidationError(name, '\'' + text + "' is not " + form.advice);
                }
                value = static_cast<Value>(*read);
            },
            help)
        ->type_name(form.type);
}

/// A number that stands where none is given; the help shows it.
template <class Value>
void add_whole(CLI::App& command,
               const std::string& name,
               std::uint64_t least,
               std::uint64_t most,
               Value& value,
               const std::string& help) {
    add_word(command, name, whole_form(least, most), value, help)
        ->default_str(std::to_string(value));
}

}  // namespace roda::appliance
