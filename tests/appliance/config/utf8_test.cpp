// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/utf8.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace roda::appliance {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, TakesCharactersOfEveryLength) {
    for (const std::string_view text : {""sv,
                                        "a\x7f\0"sv,
                                        "\xc2\x80\xdf\xbf"sv,
                                        "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"sv,
                                        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"sv}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
    for (const std::string_view text : {"\x80"sv,
                                        "\xb0"
                                        "C"sv,
                                        "\xc1\xbf"sv,
                                        "\xe0\x9f\xbf"sv,
                                        "\xed\xa0\x80"sv,
                                        "\xf0\x8f\xbf\xbf"sv,
                                        "\xf4\x90\x80\x80"sv,
                                        "\xf8\x88\x80\x80\x80"sv,
                                        "\xff"sv,
                                        "\xc2"sv,
                                        "\xe2\x82"sv,
                                        "\xe2\x82x"sv}) {
        EXPECT_FALSE(is_utf8(text)) << text;
    }
}

TEST(Utf8, SaysHowFarTheTextIsGood) {
    EXPECT_EQ(utf8_prefix("a\xc2\xb0\xb0z"), 3U);
}

}  // namespace
}  // namespace roda::appliance
