// SPDX-License-Identifier: Apache-2.0
#include "pipeline/fleet/net_id.hpp"

#include <gtest/gtest.h>

namespace roda {
namespace {

TEST(NetId64, LaysKindNodeAndCounterOutFromTheTop) {
    constexpr NetId64 id = NetId64::make(0xab, 0xcdef, 0x12'3456'789a);
    static_assert(id.bits == 0xab'cdef'12'3456'789au);
    EXPECT_EQ(id.kind(), 0xab);
    EXPECT_EQ(id.node(), 0xcdef);
    EXPECT_EQ(id.counter(), 0x12'3456'789au);
}

TEST(NetId64, CounterWrapsWithoutTouchingTheNode) {
    constexpr std::uint64_t last = (std::uint64_t{1} << 40) - 1;
    EXPECT_EQ(NetId64::make(1, 2, last).counter(), last);
    const NetId64 wrapped = NetId64::make(1, 2, last + 1);
    EXPECT_EQ(wrapped.counter(), 0u);
    EXPECT_EQ(wrapped.node(), 2);
    EXPECT_EQ(wrapped.kind(), 1);
    EXPECT_EQ(NetId64::make(1, 2, ~std::uint64_t{0}).counter(), last);
}

TEST(NetId64, IsOrderedByKindThenNodeThenCounter) {
    EXPECT_LT(NetId64::make(1, 9, 9), NetId64::make(2, 0, 0));
    EXPECT_LT(NetId64::make(1, 1, 9), NetId64::make(1, 2, 0));
    EXPECT_LT(NetId64::make(1, 1, 1), NetId64::make(1, 1, 2));
    EXPECT_EQ(NetId64{}, NetId64::make(0, 0, 0)) << "zero is no id";
}

TEST(NetId64, TextIsKindNodeCounterInDecimal) {
    EXPECT_EQ(NetId64::make(1, 2, 3).to_text(), "1:2:3");
    EXPECT_EQ(NetId64::zero().to_text(), "0:0:0");
    const NetId64 longest = NetId64::make(255, 65'535, NetId64::counter_mask);
    EXPECT_EQ(longest.to_text(), "255:65535:1099511627775");
    EXPECT_EQ(longest.to_text().size(), NetId64::text_bytes_max);
    std::array<char, NetId64::text_bytes_max> buffer;
    EXPECT_EQ(NetId64::make(7, 8, 9).to_text(buffer), "7:8:9");
    EXPECT_EQ(NetId64::make(7, 8, 9).to_text(buffer).data(), buffer.data());
}

TEST(NetId64, ReadsItsTextAndTheRawWord) {
    for (const std::uint64_t bits : {0ull, 1ull, 0xab'cdef'12'3456'789aull, ~0ull}) {
        EXPECT_EQ(NetId64::parse(NetId64{bits}.to_text()), NetId64{bits});
    }
    EXPECT_EQ(NetId64::parse("0xabcdef123456789a"), NetId64{0xab'cdef'12'3456'789au});
    EXPECT_EQ(NetId64::parse("0x0"), NetId64::zero());
}

TEST(NetId64, RefusesTextThatIsNoId) {
    for (const char* text : {"",
                             "1",
                             "1:2",
                             "1:2:3:4",
                             "1:2:",
                             ":2:3",
                             "1::3",
                             "256:0:0",
                             "0:65536:0",
                             "0:0:1099511627776",
                             "-1:0:0",
                             "+1:0:0",
                             " 1:0:0",
                             "1:0:0 ",
                             "a:b:c",
                             "0x",
                             "0x1ffffffffffffffff",
                             "0xg",
                             "0x1:2:3",
                             "99999999999999999999:0:0"}) {
        EXPECT_EQ(NetId64::parse(text), std::nullopt) << text;
    }
}

TEST(NetId64, WireIsBigEndianSoThatBytesSortAsIdsDo) {
    const NetId64 id{0x0102'0304'0506'0708u};
    const NetId64::Wire wire = id.to_wire();
    for (std::size_t i = 0; i < wire.size(); ++i) {
        EXPECT_EQ(std::to_integer<std::size_t>(wire[i]), i + 1);
    }
    EXPECT_EQ(NetId64::from_wire(wire), id);
    EXPECT_LT(NetId64::make(1, 9, 9).to_wire(), NetId64::make(2, 0, 0).to_wire());
}

TEST(NetId64, ZeroIsNoId) {
    EXPECT_TRUE(NetId64::zero().is_zero());
    EXPECT_FALSE(NetId64::make(0, 0, 1).is_zero());
}

}  // namespace
}  // namespace roda
