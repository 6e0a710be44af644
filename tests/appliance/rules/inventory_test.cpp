// SPDX-License-Identifier: Apache-2.0
// The inventory file: what it gives, and what is said of a faulty one.
#include "appliance/rules/inventory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

std::string faults(const std::string& text) {
    try {
        Inventory::parse(text, "i.csv");
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no fault";
}

TEST(Inventory, GivesEveryColumn) {
    const Inventory inventory = Inventory::parse(
        "id,name,unit,expected_interval_s,hihi,hi,lo,lolo,group,building\n"
        "17,boiler 3,°C,0.5,90,80,-5,-10.5,boilers,B2\n",
        "i.csv");
    ASSERT_EQ(inventory.entries().size(), 1U);
    const InventoryEntry& entry = inventory.entries()[0];
    EXPECT_EQ(entry.sensor_id, 17U);
    EXPECT_EQ(entry.name, "boiler 3");
    EXPECT_EQ(entry.unit, "°C");
    EXPECT_EQ(entry.expected_interval_ns, 500'000'000U);
    EXPECT_EQ(entry.limits.hihi, 90.0);
    EXPECT_EQ(entry.limits.hi, 80.0);
    EXPECT_EQ(entry.limits.lo, -5.0);
    EXPECT_EQ(entry.limits.lolo, -10.5);
    EXPECT_EQ(entry.labels, (Labels{{"building", "B2"}, {"group", "boilers"}}));
}

TEST(Inventory, LeavesOutWhatIsEmpty) {
    const Inventory inventory =
        Inventory::parse("hi,id,group,name,expected_interval_s\n,18446744073709551615,,,\n", "i");
    const InventoryEntry* const entry = inventory.find(18446744073709551615ULL);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->name, "");
    EXPECT_EQ(entry->expected_interval_ns, 0U);
    EXPECT_TRUE(std::isnan(entry->limits.hi));
    EXPECT_TRUE(std::isnan(entry->limits.lolo));
    EXPECT_TRUE(entry->labels.empty());
}

TEST(Inventory, FindsSensorsOfLinesInAnyOrder) {
    const Inventory inventory = Inventory::parse("id,name\n30,c\n10,a\n20,b\n", "i.csv");
    ASSERT_EQ(inventory.entries().size(), 3U);
    for (const auto& [id, name] : {std::pair{10U, "a"}, {20U, "b"}, {30U, "c"}}) {
        const InventoryEntry* const entry = inventory.find(id);
        ASSERT_NE(entry, nullptr);
        EXPECT_EQ(entry->name, name);
        EXPECT_EQ(inventory.number_of(*entry), id / 10 - 1);
    }
    EXPECT_EQ(inventory.find(0), nullptr);
    EXPECT_EQ(inventory.find(15), nullptr);
    EXPECT_EQ(inventory.find(31), nullptr);
    EXPECT_EQ(Inventory().find(1), nullptr);
}

TEST(Inventory, ReadsWhatSpreadsheetsWrite) {
    const Inventory inventory = Inventory::parse(
        "\xef\xbb\xbfid, name ,group\r\n"
        "1,\"inlet, \"\"north\"\"\",  a b \r\n"
        "\r\n"
        "3,last,y",
        "i.csv");
    EXPECT_EQ(inventory.find(1)->name, "inlet, \"north\"");
    EXPECT_EQ(inventory.find(1)->labels, (Labels{{"group", "a b"}}));
    EXPECT_EQ(inventory.find(3)->name, "last");
}

TEST(Inventory, SaysWhereEachFaultIs) {
    EXPECT_EQ(faults("id,name,hi,lo,expected_interval_s\n"
                     "x,a,1,2,3\n"
                     "2,b,high,,\n"
                     "\n"
                     "y,\"two\n"
                     "lines\",nan,1e999,-1\n"
                     ",c,,,\n"
                     "4,d,,\n"
                     "5,e,1,2,3,4\n"),
              "i.csv:2:1: id is x, give a whole number\n"
              "i.csv:2:7: lo is 2, give less than hi (1)\n"
              "i.csv:3:5: hi is high, give a finite number\n"
              "i.csv:5:1: id is y, give a whole number\n"
              "i.csv:5:3: name is two lines, give 1 to 255 bytes of text on one line\n"
              "i.csv:6:8: hi is nan, give a finite number\n"
              "i.csv:6:12: lo is 1e999, give a finite number\n"
              "i.csv:6:18: expected_interval_s is -1, give seconds, above 0 and at most a year\n"
              "i.csv:7:1: id is missing, give the sensor's number\n"
              "i.csv:8:1: has 4 fields, give 5 as the first line names\n"
              "i.csv:9:1: has 6 fields, give 5 as the first line names");
}

TEST(Inventory, RefusesASensorGivenTwice) {
    EXPECT_EQ(faults("name,id\na,7\nb,9\nc,7\nd,7\n"),
              "i.csv:4:3: id is 7 as in line 2, keep one of them\n"
              "i.csv:5:3: id is 7 as in line 4, keep one of them");
}

TEST(Inventory, RefusesColumnsThatCannotBe) {
    EXPECT_EQ(
        faults("id,ID,Hi,expected_interval_ms,9a,Building No,rule,name,name,__x,\n1,,,,,,,,,,\n"),
        "i.csv:1:4: unknown column ID, did you mean id?\n"
        "i.csv:1:7: unknown column Hi, did you mean hi?\n"
        "i.csv:1:10: unknown column expected_interval_ms, did you mean expected_interval_s?\n"
        "i.csv:1:31: column \"9a\" can be no label, give a name of letters, digits and _, no "
        "digit and no __ in front, other than rule, severity, level, sensor, transition\n"
        "i.csv:1:34: column \"Building No\" can be no label, give a name of letters, digits "
        "and _, no digit and no __ in front, other than rule, severity, level, sensor, transition\n"
        "i.csv:1:46: column \"rule\" can be no label, give a name of letters, digits and _, no "
        "digit and no __ in front, other than rule, severity, level, sensor, transition\n"
        "i.csv:1:56: column name is there already, keep one of them\n"
        "i.csv:1:61: column \"__x\" can be no label, give a name of letters, digits and _, no "
        "digit and no __ in front, other than rule, severity, level, sensor, transition\n"
        "i.csv:1:65: column \"\" can be no label, give a name of letters, digits and _, no "
        "digit and no __ in front, other than rule, severity, level, sensor, transition");
}

TEST(Inventory, RefusesWhatIsNoInventory) {
    EXPECT_EQ(faults(""),
              "i.csv:1:1: the file is empty, give a first line that names its columns: "
              "id,name,unit");
    EXPECT_EQ(faults("name\na\n"),
              "i.csv:1:1: there is no column id, give it the sensors' numbers\n"
              "i.csv:2:1: id is missing, give the sensor's number");
    EXPECT_EQ(faults("id;name\n"),
              "i.csv:1:1: the columns are not separated by commas, write the file with commas\n"
              "i.csv:1:1: there is no column id, give it the sensors' numbers");
    const std::string quotes =
        "the quotes do not match, put the whole field in quotes and double "
        "those within it";
    EXPECT_EQ(faults("id,name\n1,a\n2,\"b\n3,c\n"), "i.csv:3:3: " + quotes);
    EXPECT_EQ(faults("id,name\n1,5\" pipe\n"), "i.csv:2:3: " + quotes);
}

TEST(Inventory, RefusesTextThatIsNotUtf8) {
    EXPECT_EQ(faults("id,unit\n1,\xb0"
                     "C\n2,\xc2\xb0"
                     "C\n"),
              "i.csv:2:3: unit is not UTF-8, save the file as UTF-8");
}

TEST(Inventory, StopsAfterAHundredFaults) {
    std::string text = "id\n";
    for (int i = 0; i < 200; ++i) {
        text += "x\n";
    }
    const std::string message = faults(text);
    EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 100);
    EXPECT_EQ(message.substr(0, message.find('\n')),
              "i.csv:1:1: has more than a hundred faults, mend these first");
}

TEST(Inventory, ChecksTheOrderOfLimitsAcrossThoseNotGiven) {
    EXPECT_EQ(faults("id,hihi,hi,lo,lolo\n1,10,,,10\n2,10,,,9\n3,,5,5,\n"),
              "i.csv:2:8: lolo is 10, give less than hihi (10)\n"
              "i.csv:4:6: lo is 5, give less than hi (5)");
}

TEST(Inventory, SaysWhyTheFileCannotBeRead) {
    try {
        Inventory::load("/nonexistent/i.csv");
        FAIL();
    } catch (const StartupError& error) {
        EXPECT_STREQ(error.what(),
                     "/nonexistent/i.csv: cannot read the file: No such file or directory (check "
                     "the path; deploy/inventory.csv is an example to start from)");
    }
}

TEST(Inventory, ReadsTheExampleInDeploy) {
    const char* const root = std::getenv("RODA_SOURCE_ROOT");
    if (root == nullptr) {
        GTEST_SKIP() << "RODA_SOURCE_ROOT says where deploy/ is";
    }
    const Inventory inventory = Inventory::load(std::string(root) + "/deploy/inventory.csv");
    ASSERT_EQ(inventory.entries().size(), 6U);
    const InventoryEntry* const pump = inventory.find(1001);
    ASSERT_NE(pump, nullptr);
    EXPECT_EQ(pump->name, "Feed pump 1, bearing");
    EXPECT_EQ(pump->expected_interval_ns, 100'000'000U);
    EXPECT_EQ(pump->limits.hihi, 7.1);
    EXPECT_TRUE(std::isnan(pump->limits.lo));
    EXPECT_EQ(pump->labels, (Labels{{"building", "B1"}, {"group", "pumps"}}));
}

TEST(Inventory, SurvivesHostileText) {
    const std::string good = "id,name,hi,lo,group\r\n1,\"a,\"\"b\",2,1,g\n22,\"x\ny\",,,\n";
    constexpr std::string_view pool = "\",\n\r \0;19ae.-\xef\xbb\xbf\xc2";
    std::mt19937 random(17);
    std::size_t taken = 0;
    for (int i = 0; i < 5000; ++i) {
        std::string text = good;
        for (std::size_t changes = random() % 6; changes > 0; --changes) {
            text[random() % text.size()] = pool[random() % pool.size()];
        }
        text.resize(random() % 4 == 0 ? random() % text.size() : text.size());
        taken += faults(text) == "no fault" ? 1U : 0U;
    }
    EXPECT_GT(taken, 0U);
}

TEST(LabelOf, IsEmptyWithoutTheLabel) {
    const Labels labels = {{"a", "1"}, {"b", "2"}};
    EXPECT_EQ(label_of(labels, "b"), "2");
    EXPECT_EQ(label_of(labels, "c"), "");
}

}  // namespace
}  // namespace roda::appliance
