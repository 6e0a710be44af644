// SPDX-License-Identifier: Apache-2.0
#include "appliance/config/nearest_word.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace roda::appliance {
namespace {

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    const std::string* const found = nearest_word(word, known);
    return found == nullptr ? "none" : *found;
}

TEST(NearestWord, PrefersTheFewestChanges) {
    EXPECT_EQ(nearest("rater", {"crate", "rate"}), "rate");
    EXPECT_EQ(nearest("rater", {"rate", "crate"}), "rate");
}

TEST(NearestWord, CountsMissingWrongAndSurplusLetters) {
    for (const std::string word : {"devic", "devixe", "devices", "edvice"}) {
        EXPECT_EQ(nearest(word, {"mtu", "device"}), "device") << word;
    }
}

TEST(NearestWord, FindsNoneWhereAllIsFar) {
    EXPECT_EQ(nearest("price", {"name", "mtu"}), "none");
    EXPECT_EQ(nearest("xy", {"of"}), "none");
    EXPECT_EQ(nearest("", {"of"}), "none");
    EXPECT_EQ(nearest("of", {}), "none");
}

}  // namespace
}  // namespace roda::appliance
