// SPDX-License-Identifier: Apache-2.0
#include "appliance/control/control_words.hpp"

#include <gtest/gtest.h>

#include "pipeline/fleet/net_id.hpp"

namespace roda::appliance {
namespace {

TEST(ControlWords, ANumberIsDigitsThatFit) {
    EXPECT_EQ(read_whole("0"), 0u);
    EXPECT_EQ(read_whole("007"), 7u);
    EXPECT_EQ(read_whole("18446744073709551615"), ~std::uint64_t{0});
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616"}) {
        EXPECT_EQ(read_whole(text), std::nullopt) << text;
    }
}

TEST(ControlWords, DurationsAreWholeNumbersWithAUnit) {
    EXPECT_EQ(read_duration("90s"), 90'000'000'000u);
    EXPECT_EQ(read_duration("30m"), 1'800'000'000'000u);
    EXPECT_EQ(read_duration("8h"), 28'800'000'000'000u);
    EXPECT_EQ(read_duration("31d"), 2'678'400'000'000'000u);
    EXPECT_EQ(read_duration("0s"), 0u);
    for (const char* text : {"", "s", "30", "30 m", "30min", "1.5h", "-1s", "+1s", "1h30m", "M"}) {
        EXPECT_EQ(read_duration(text), std::nullopt) << text;
    }
}

TEST(ControlWords, ADurationThatDoesNotFitIsNone) {
    EXPECT_EQ(read_duration("213503d"), 213'503u * 86'400'000'000'000u);
    EXPECT_EQ(read_duration("213504d"), std::nullopt);
    EXPECT_EQ(read_duration("99999999999999999999s"), std::nullopt);
}

TEST(ControlWords, AnAlertIsNamedByItsPartsOrItsBits) {
    const std::uint64_t bits = NetId64::make(1, 7, 42).bits;
    EXPECT_EQ(read_alert_id("1:7:42"), bits);
    EXPECT_EQ(read_alert_id(std::to_string(bits)), bits);
    EXPECT_EQ(read_alert_id("0x010007000000002a"), bits);
    for (const char* text : {"", "0", "0:0:0", "1:7", "1:7:42:1", "1:70000:1", "-1", "alert"}) {
        EXPECT_EQ(read_alert_id(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace roda::appliance
