// SPDX-License-Identifier: Apache-2.0
// Byte for byte, as the draft has it.
#include "dpdk/recorder/pcapng.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/dpdk/frame_bytes.hpp"

namespace roda::dpdk {
namespace {

using test::hex;
using Bytes = std::vector<std::byte>;

Bytes taken(PcapngBlocks& blocks) {
    const Bytes bytes(blocks.bytes().begin(), blocks.bytes().end());
    blocks.clear();
    return bytes;
}

TEST(Pcapng, SectionSaysByteOrderCommentAndProgram) {
    PcapngBlocks blocks;
    blocks.begin("roda", "why");
    EXPECT_EQ(taken(blocks),
              hex("0a0d0d0a 30000000 4d3c2b1a 0100 0000 ffffffffffffffff "
                  "0100 0300 77687900 0400 0400 726f6461 0000 0000 30000000"));
    blocks.begin("roda", "");
    EXPECT_EQ(taken(blocks),
              hex("0a0d0d0a 28000000 4d3c2b1a 0100 0000 ffffffffffffffff "
                  "0400 0400 726f6461 0000 0000 28000000"));
}

TEST(Pcapng, InterfaceIsEthernetInNanoseconds) {
    PcapngBlocks blocks;
    blocks.add_interface("q0");
    EXPECT_EQ(taken(blocks),
              hex("01000000 28000000 0100 0000 00000000 "
                  "0200 0200 71300000 0900 0100 09000000 0000 0000 28000000"));
}

TEST(Pcapng, FrameIsItsPartsInARowWithItsTimeAndLengths) {
    PcapngBlocks blocks;
    const Bytes first = hex("0102");
    const Bytes second = hex("030405");
    const std::array<std::span<const std::byte>, 2> parts = {first, second};
    blocks.add_frame(3, 0x1122334455667788, 9, parts);
    EXPECT_EQ(taken(blocks),
              hex("06000000 28000000 03000000 44332211 88776655 05000000 09000000 "
                  "01020304 05000000 28000000"));
    blocks.add_frame(0, 1, 2, std::span(parts).first(1));
    EXPECT_EQ(taken(blocks),
              hex("06000000 24000000 00000000 00000000 01000000 02000000 02000000 "
                  "01020000 24000000"));
}

TEST(Pcapng, LongTextsAreCut) {
    PcapngBlocks blocks;
    blocks.add_interface(std::string(100'000, 'x'));
    EXPECT_EQ(blocks.bytes().size(), 20 + 4 + 1024 + 8 + 4);
}

}  // namespace
}  // namespace roda::dpdk
