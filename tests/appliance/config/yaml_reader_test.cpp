// SPDX-License-Identifier: Apache-2.0
// The reader by itself, with keys of its own: binding, and the faults that any strict file has.
#include "appliance/config/yaml_reader.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

enum class Colour : std::uint8_t { red, green };

bool is_short(std::string_view text) {
    return text.size() <= 4;
}

struct Paint {
    std::string name = "none";
    Colour colour = Colour::red;
    std::uint16_t layers = 2;
    double thickness = 0.5;
    bool glossy = false;
    std::vector<std::uint32_t> batches;
    std::string room = "hall";
    std::vector<std::string> owners;
};

void read_paint(MappingReader& root, Paint& paint) {
    root.bind("name", paint.name, Text("at most 4 characters", is_short), Presence::required);
    root.bind(
        "colour", paint.colour, Choice<Colour>({{"red", Colour::red}, {"green", Colour::green}}));
    root.bind("layers", paint.layers, Whole(1, 9, "coats"));
    root.bind("thickness", paint.thickness, Real(0, 1));
    root.bind("glossy", paint.glossy, Flag());
    root.bind_list("batches", paint.batches, Whole(0, 99));
    root.section("wall", [&](MappingReader& wall) {
        wall.bind("room", paint.room, Text("at most 4 characters", is_short));
    });
    root.items("owners", 2, [&](MappingReader& owner) {
        std::string name;
        owner.bind("name", name, Text("at most 4 characters", is_short), Presence::required);
        paint.owners.push_back(name);
    });
}

Paint read(const std::string& text) {
    Paint paint;
    read_yaml(text, "p.yaml", [&](MappingReader& root) { read_paint(root, paint); });
    return paint;
}

std::string faults(const std::string& text) {
    try {
        read(text);
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no fault";
}

TEST(YamlReader, BindsEachKindOfValue) {
    const Paint paint = read(
        "name: lime\ncolour: green\nlayers: 9\nthickness: 1\nglossy: true\nbatches: [7, 0]\n"
        "wall: {room: den}\nowners:\n- name: ada\n- {name: \"7\"}\n");
    EXPECT_EQ(paint.name, "lime");
    EXPECT_EQ(paint.colour, Colour::green);
    EXPECT_EQ(paint.layers, 9);
    EXPECT_EQ(paint.thickness, 1.0);
    EXPECT_TRUE(paint.glossy);
    EXPECT_EQ(paint.batches, (std::vector<std::uint32_t>{7, 0}));
    EXPECT_EQ(paint.room, "den");
    EXPECT_EQ(paint.owners, (std::vector<std::string>{"ada", "7"}));
}

TEST(YamlReader, AbsentKeysAndEmptySectionsKeepTheirDefaults) {
    const Paint paint = read("name: lime\nwall:\nowners:\nbatches:\n");
    EXPECT_EQ(paint.layers, 2);
    EXPECT_EQ(paint.thickness, 0.5);
    EXPECT_EQ(paint.room, "hall");
    EXPECT_TRUE(paint.owners.empty());
    EXPECT_TRUE(paint.batches.empty());
}

TEST(YamlReader, SuggestsTheKeyThatWasMeant) {
    EXPECT_EQ(faults("name: lime\ncolor: red\nwall: {rome: den}\n"),
              "p.yaml:2:1: unknown key color, did you mean colour?\n"
              "p.yaml:3:8: unknown key wall.rome, did you mean wall.room?");
}

TEST(YamlReader, NamesTheKnownKeysWhenNoneIsNear) {
    EXPECT_EQ(faults("name: lime\nprice: 3\n"),
              "p.yaml:2:1: unknown key price, known here: name, colour, layers, thickness, glossy, "
              "batches, wall, owners");
}

TEST(YamlReader, ReportsAKeyGivenTwice) {
    EXPECT_EQ(faults("name: lime\nwall:\n  room: den\n  room: bath\nname: teal\n"),
              "p.yaml:4:3: wall.room is given again after line 3, keep one of them\n"
              "p.yaml:5:1: name is given again after line 1, keep one of them");
}

TEST(YamlReader, ReportsAMissingKeyWhereItsMappingBegins) {
    EXPECT_EQ(faults("# empty\n\nglossy: true\nowners:\n  - {}\n"),
              "p.yaml:3:1: name is missing, give at most 4 characters\n"
              "p.yaml:5:5: owners[0].name is missing, give at most 4 characters");
}

TEST(YamlReader, ReportsWrongTypes) {
    EXPECT_EQ(faults("name: [a]\ncolour: blue\nlayers: two\nthickness: {a: 1}\nglossy: yes\n"
                     "batches: 3\nwall: den\nowners: [ada]\n"),
              "p.yaml:1:7: name is a list, give at most 4 characters\n"
              "p.yaml:2:9: colour is blue, give one of red, green\n"
              "p.yaml:3:9: layers is two, give a whole number of coats from 1 to 9\n"
              "p.yaml:4:12: thickness is a mapping, give a number above 0 and at most 1\n"
              "p.yaml:5:9: glossy is yes, give true or false\n"
              "p.yaml:6:10: batches is 3, give a list: [A, B] or one \"- A\" per line\n"
              "p.yaml:7:7: wall is den, give keys with values (KEY: VALUE)\n"
              "p.yaml:8:10: owners[0] is ada, give keys with values (KEY: VALUE)");
}

TEST(YamlReader, ReportsValuesOutOfRange) {
    EXPECT_EQ(faults("name: vermilion\nlayers: 10\nthickness: 0\nbatches: [1, 100, 2, -1]\n"),
              "p.yaml:1:7: name is vermilion, give at most 4 characters\n"
              "p.yaml:2:9: layers is 10, give a whole number of coats from 1 to 9\n"
              "p.yaml:3:12: thickness is 0, give a number above 0 and at most 1\n"
              "p.yaml:4:14: batches[1] is 100, give a whole number from 0 to 99\n"
              "p.yaml:4:22: batches[3] is -1, give a whole number from 0 to 99");
}

TEST(YamlReader, TakesNumbersOnlyAsPlainDecimals) {
    const std::string advice = ", give a whole number of coats from 1 to 9";
    for (const std::string written :
         {"\"3\"", "3.0", "0x3", "+3", "3 coats", "1e0", "99999999999999999999"}) {
        EXPECT_EQ(faults("name: lime\nlayers: " + written + "\n"),
                  "p.yaml:2:9: layers is " + written + advice);
    }
    for (const std::string written : {".inf", "nan", "inf", "1e999", "\"0.5\"", "0,5"}) {
        EXPECT_EQ(faults("name: lime\nthickness: " + written + "\n"),
                  "p.yaml:2:12: thickness is " + written + ", give a number above 0 and at most 1");
    }
}

TEST(YamlReader, ReportsAnEmptyValueAtItsKey) {
    EXPECT_EQ(faults("name: lime\nlayers:\nglossy: true\n"),
              "p.yaml:2:1: layers is empty, give a whole number of coats from 1 to 9");
}

TEST(YamlReader, ReportsTooManyItemsAtTheFirstThatIsOne) {
    EXPECT_EQ(faults("name: lime\nowners:\n- name: a\n- name: b\n- name: c\n- name: d\n"),
              "p.yaml:5:3: owners has 4 items, keep at most 2");
}

TEST(YamlReader, SortsTheFaultsByPlace) {
    EXPECT_EQ(
        faults("zzzzzz: 1\nowners: [{}]\nlayers: 0\n"),
        "p.yaml:1:1: name is missing, give at most 4 characters\n"
        "p.yaml:1:1: unknown key zzzzzz, known here: name, colour, layers, thickness, glossy, "
        "batches, wall, owners\n"
        "p.yaml:2:10: owners[0].name is missing, give at most 4 characters\n"
        "p.yaml:3:9: layers is 0, give a whole number of coats from 1 to 9");
}

TEST(YamlReader, KeepsEachFaultOnOneShortLine) {
    EXPECT_EQ(faults("name: |\n  two\n  lines\n\"a\\nb\\tqqqqqqqq\": 1\nlayers: " +
                     std::string(100, '7') + "\n"),
              "p.yaml:1:7: name is \"two lines \", give at most 4 characters\n"
              "p.yaml:4:1: unknown key a b qqqqqqqq, known here: name, colour, layers, thickness, "
              "glossy, batches, wall, owners\n"
              "p.yaml:5:9: layers is " +
                  std::string(60, '7') + "..., give a whole number of coats from 1 to 9");
}

TEST(YamlReader, RefusesAKeyThatIsNoWord) {
    EXPECT_EQ(faults("name: lime\n[a, b]: 1\n"), "p.yaml:2:1: a key is a list, give a word");
}

TEST(YamlReader, RefusesAFileThatIsNoMapping) {
    EXPECT_EQ(faults("hello"), "p.yaml:1:1: the file is hello, give keys with values (KEY: VALUE)");
    EXPECT_EQ(faults("- 1\n"),
              "p.yaml:1:1: the file is a list, give keys with values (KEY: VALUE)");
}

TEST(YamlReader, ReadsAnEmptyFileAsNoKeys) {
    for (const std::string text : {"", "\n", "# only a comment\n", "---\n"}) {
        EXPECT_EQ(faults(text), "p.yaml:1:1: name is missing, give at most 4 characters") << text;
    }
}

TEST(YamlReader, RefusesASecondDocument) {
    EXPECT_EQ(faults("name: lime\n---\nname: teal\n"),
              "p.yaml:3:1: a second YAML document begins, keep one document in the file");
}

TEST(YamlReader, SaysWhereTheFileIsNoYaml) {
    const std::string advice = ", check the indentation (spaces, no tabs), colons and quotes";
    EXPECT_EQ(faults("name: lime\n  layers: 3\n"),
              "p.yaml:2:9: not YAML: illegal map value" + advice);
    EXPECT_EQ(faults("name: lime\nwall: *den\n"),
              "p.yaml:2:7: not YAML: the referenced anchor is not defined" + advice);
}

TEST(YamlReader, SurvivesHostileYaml) {
    EXPECT_NE(faults(std::string(100'000, '[')), "no fault");
    EXPECT_NE(faults("name: &a [*a]\n"), "no fault");
    EXPECT_NE(faults(std::string("\0\1\2\xff", 4)), "no fault");
    EXPECT_NE(faults(std::string(1000, 'k') + ": 1\n"), "no fault");
}

TEST(YamlReader, ListsItsKeys) {
    Paint paint;
    const std::vector<KeyInfo> expected = {
        {"name", "", "required", "at most 4 characters"},
        {"colour", "", "red", "red, green"},
        {"layers", "coats", "2", "1 to 9"},
        {"thickness", "", "0.5", "above 0 and at most 1"},
        {"glossy", "", "false", "true, false"},
        {"batches", "", "[]", "a list: 0 to 99"},
        {"wall.room", "", "hall", "at most 4 characters"},
        {"owners[].name", "", "required", "at most 4 characters"},
    };
    EXPECT_EQ(list_keys([&](MappingReader& root) { read_paint(root, paint); }), expected);
}

}  // namespace
}  // namespace roda::appliance
