// SPDX-License-Identifier: Apache-2.0
// Forms: what a YAML value must look like to become a C++ value, and how to say so to a person.
// Knows nothing of keys or files; yaml_reader.hpp does.
#pragma once

#include <yaml-cpp/yaml.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roda::appliance {

/// Turns the items of a list into T.
///
/// read() fills its second argument and returns nothing, or leaves it alone and returns the
/// advice that completes "KEY is VALUE, ".
template <typename F, typename T>
concept ItemFormOf = requires(const F& form, const YAML::Node& node, T& value) {
    { form.read(node, value) } -> std::same_as<std::optional<std::string>>;
    { form.range() } -> std::convertible_to<std::string>;
    { form.unit() } -> std::convertible_to<std::string>;
};

/// Turns the value of a key into T; show() is the default as it would stand in the file.
template <typename F, typename T>
concept FormOf = ItemFormOf<F, T> && requires(const F& form, const T& value) {
    { form.show(value) } -> std::convertible_to<std::string>;
};

/// Text of the file as messages show it: on one line and not too long.
std::string show_text(const std::string& text);

/// A value as messages show it: scalars as they were written, else "a list" and so on.
std::string show_value(const YAML::Node& node);

/// A double with the fewest digits that give it back.
std::string show_real(double value);

/// `true` or `false`, nothing else.
class Flag {
  public:
    std::optional<std::string> read(const YAML::Node& node, bool& value) const;

    std::string show(bool value) const { return value ? "true" : "false"; }

    std::string range() const { return "true, false"; }

    std::string unit() const { return {}; }
};

/// A whole number, decimal digits, min <= n <= max.
class Whole {
  public:
    Whole(std::uint64_t min, std::uint64_t max, std::string_view unit = {})
        : min_(min), max_(max), unit_(unit) {}

    template <std::unsigned_integral T>
    std::optional<std::string> read(const YAML::Node& node, T& value) const {
        const auto number = parse(node);
        if (!number || *number > std::numeric_limits<T>::max()) {
            return advice();
        }
        value = static_cast<T>(*number);
        return std::nullopt;
    }

    std::string show(std::uint64_t value) const { return std::to_string(value); }

    std::string range() const;

    std::string unit() const { return unit_; }

  private:
    std::optional<std::uint64_t> parse(const YAML::Node& node) const;
    std::string advice() const;

    std::uint64_t min_;
    std::uint64_t max_;
    std::string unit_;
};

/// A finite number, above < x <= up_to; or any; or least <= x.
class Real {
  public:
    explicit Real(double above, double up_to = std::numeric_limits<double>::infinity())
        : least_(above), most_(up_to) {}

    static Real any() { return Real(-std::numeric_limits<double>::infinity()); }

    static Real at_least(double least) {
        Real form(least);
        form.least_itself_ = true;
        return form;
    }

    std::optional<std::string> read(const YAML::Node& node, double& value) const;

    std::string show(double value) const { return show_real(value); }

    std::string range() const;

    std::string unit() const { return {}; }

  private:
    std::string advice() const;

    double least_;
    double most_;
    bool least_itself_ = false;
};

/// A whole number of milliseconds; the member has nanoseconds.
class Milliseconds {
  public:
    Milliseconds(std::uint64_t min_ms, std::uint64_t max_ms) : whole_(min_ms, max_ms, "ms") {}

    std::optional<std::string> read(const YAML::Node& node, std::uint64_t& value_ns) const;

    std::string show(std::uint64_t value_ns) const { return whole_.show(value_ns / ns_of_one); }

    std::string range() const { return whole_.range(); }

    std::string unit() const { return whole_.unit(); }

  private:
    static constexpr std::uint64_t ns_of_one = 1'000'000;

    Whole whole_;
};

/// The same form for a member that is without a value until the file gives one.
template <typename Form>
class OrNone {
  public:
    explicit OrNone(Form form) : form_(std::move(form)) {}

    template <typename T>
    std::optional<std::string> read(const YAML::Node& node, std::optional<T>& value) const {
        T given{};
        auto advice = form_.read(node, given);
        if (!advice) {
            value = given;
        }
        return advice;
    }

    template <typename T>
    std::string show(const std::optional<T>& value) const {
        return value ? form_.show(*value) : "none";
    }

    std::string range() const { return form_.range(); }

    std::string unit() const { return form_.unit(); }

  private:
    Form form_;
};

/// Text that `accepts` agrees to; `what` completes "give ...".
class Text {
  public:
    Text(std::string_view what, bool (*accepts)(std::string_view))
        : what_(what), accepts_(accepts) {}

    std::optional<std::string> read(const YAML::Node& node, std::string& value) const;

    std::string show(const std::string& value) const { return value.empty() ? "\"\"" : value; }

    std::string range() const { return what_; }

    std::string unit() const { return {}; }

  private:
    std::string what_;
    bool (*accepts_)(std::string_view);
};

/// One of the named values of an enum.
template <typename E>
class Choice {
  public:
    explicit Choice(std::vector<std::pair<std::string_view, E>> names) : names_(std::move(names)) {}

    std::optional<std::string> read(const YAML::Node& node, E& value) const {
        for (const auto& [name, enumerator] : names_) {
            if (node.IsScalar() && node.Scalar() == name) {
                value = enumerator;
                return std::nullopt;
            }
        }
        return (names_.size() == 1 ? "give " : "give one of ") + range();
    }

    std::string show(E value) const {
        for (const auto& [name, enumerator] : names_) {
            if (enumerator == value) {
                return std::string(name);
            }
        }
        return {};
    }

    std::string range() const {
        std::string list;
        for (const auto& [name, enumerator] : names_) {
            list += (list.empty() ? "" : ", ") + std::string(name);
        }
        return list;
    }

    std::string unit() const { return {}; }

  private:
    std::vector<std::pair<std::string_view, E>> names_;
};

}  // namespace roda::appliance
