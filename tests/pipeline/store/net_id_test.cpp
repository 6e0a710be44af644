// SPDX-License-Identifier: Apache-2.0
#include "pipeline/store/net_id.hpp"

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

}  // namespace
}  // namespace roda
