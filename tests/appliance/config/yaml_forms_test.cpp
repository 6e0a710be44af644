// SPDX-License-Identifier: Apache-2.0
// Numbers, durations, values that may be missing, and names that the operator chooses.
#include "appliance/config/yaml_forms.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "appliance/config/yaml_reader.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

struct Oven {
    double heat = 20.0;
    double offset = 0.0;
    std::uint64_t bake_ns = 5'000'000;
    std::optional<double> limit;
    MappingReader::Names tags;
};

void read_oven(MappingReader& root, Oven& oven) {
    const Text name("lower case", [](std::string_view text) { return text != "X"; });
    const Text value("no z", [](std::string_view text) { return text != "z"; });
    root.bind("heat", oven.heat, Real::at_least(-1.5));
    root.bind("offset", oven.offset, Real::any());
    root.bind("bake_ms", oven.bake_ns, Milliseconds(1, 9));
    root.bind("limit", oven.limit, OrNone(Real(0.0)));
    root.bind_names("tags", oven.tags, name, value);
}

Oven parse(const std::string& text) {
    Oven oven;
    read_yaml(text, "o.yaml", [&](MappingReader& root) { read_oven(root, oven); });
    return oven;
}

std::string faults(const std::string& text) {
    try {
        parse(text);
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no fault";
}

TEST(YamlForms, ReadValues) {
    const Oven oven =
        parse("{heat: -1.5, offset: -1e300, bake_ms: 9, limit: 0.25, tags: {b: 2, a: x y}}");
    EXPECT_EQ(oven.heat, -1.5);
    EXPECT_EQ(oven.offset, -1e300);
    EXPECT_EQ(oven.bake_ns, 9'000'000U);
    EXPECT_EQ(oven.limit, 0.25);
    EXPECT_EQ(oven.tags, (MappingReader::Names{{"a", "x y"}, {"b", "2"}}));
}

TEST(YamlForms, LeaveAloneWhatIsNotGiven) {
    const Oven oven = parse("{}");
    EXPECT_EQ(oven.bake_ns, 5'000'000U);
    EXPECT_EQ(oven.limit, std::nullopt);
    EXPECT_TRUE(oven.tags.empty());
}

TEST(YamlForms, SayWhatTheyTake) {
    EXPECT_EQ(faults("heat: -1.6\noffset: .inf\nbake_ms: 10\nlimit: 0\ntags: {X: z}\n"),
              "o.yaml:1:7: heat is -1.6, give a number of at least -1.5\n"
              "o.yaml:2:9: offset is .inf, give a finite number\n"
              "o.yaml:3:10: bake_ms is 10, give a whole number of ms from 1 to 9\n"
              "o.yaml:4:8: limit is 0, give a number above 0\n"
              "o.yaml:5:8: tags has the name X, give lower case\n"
              "o.yaml:5:11: tags.X is z, give no z");
    EXPECT_EQ(faults("bake_ms: 0\n"),
              "o.yaml:1:10: bake_ms is 0, give a whole number of ms from 1 to 9");
}

TEST(YamlForms, AreListedWithTheirDefaults) {
    Oven oven;
    const std::vector<KeyInfo> expected = {
        {"heat", "", "20", "at least -1.5"},
        {"offset", "", "0", "a finite number"},
        {"bake_ms", "ms", "5", "1 to 9"},
        {"limit", "", "none", "above 0"},
        {"tags", "", "{}", "{NAME: VALUE}; NAME: lower case"},
    };
    EXPECT_EQ(list_keys([&](MappingReader& root) { read_oven(root, oven); }), expected);
}

}  // namespace
}  // namespace roda::appliance
