// SPDX-License-Identifier: Apache-2.0
// The grammar of messages.
#include "appliance/config/message_template.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace roda::appliance {
namespace {

using Pieces = std::vector<MessagePiece>;

TEST(MessageTemplate, IsTextAndPlaceholders) {
    const MessageTemplate message = parse_message("{name} is at {value}!");
    EXPECT_EQ(message.advice, "");
    EXPECT_EQ(message.pieces,
              (Pieces{{MessageField::name, ""},
                      {MessageField::text, " is at "},
                      {MessageField::value, ""},
                      {MessageField::text, "!"}}));
    EXPECT_TRUE(parse_message("").pieces.empty());
}

TEST(MessageTemplate, KnowsEveryPlaceholder) {
    for (std::size_t i = 0; i < message_field_names.size(); ++i) {
        const MessageTemplate message =
            parse_message('{' + std::string(message_field_names[i]) + '}');
        EXPECT_EQ(message.pieces, (Pieces{{static_cast<MessageField>(i), ""}}));
    }
    EXPECT_EQ(parse_message("{label:_a9}").pieces, (Pieces{{MessageField::label, "_a9"}}));
}

TEST(MessageTemplate, TakesADoubledBraceForOne) {
    EXPECT_EQ(parse_message("a{{b}}").pieces, (Pieces{{MessageField::text, "a{b}}"}}));
    EXPECT_EQ(parse_message("{{{unit}").pieces,
              (Pieces{{MessageField::text, "{"}, {MessageField::unit, ""}}));
}

TEST(MessageTemplate, SaysWhatIsWrong) {
    EXPECT_EQ(parse_message("at {valeu}").advice, "did you mean {value}?");
    EXPECT_EQ(parse_message("{value").advice, "close the brace with }, or write {{ for a brace");
    EXPECT_EQ(parse_message("{label:9a}").advice, "give {label:NAME} the name of a label");
    EXPECT_EQ(parse_message("{label:}").advice, "give {label:NAME} the name of a label");
    EXPECT_EQ(parse_message("{temperature}").advice,
              "{{ is a brace; placeholders are {rule}, {severity}, {sensor}, {name}, {unit}, "
              "{device}, {value}, {reference}, {limit}, {level}, {transition}, {label:NAME}");
}

TEST(LabelName, IsPrometheusOwn) {
    for (const char* name : {"a", "_", "A_9", "group"}) {
        EXPECT_TRUE(is_label_name(name)) << name;
    }
    for (const char* name : {"", "9a", "a-b", "a b", "__name__", "\xc3\xa4"}) {
        EXPECT_FALSE(is_label_name(name)) << name;
    }
}

}  // namespace
}  // namespace roda::appliance
