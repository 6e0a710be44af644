// SPDX-License-Identifier: Apache-2.0
// Which of an inbox's readings came before a time.
#include "appliance/ingest/inbox.hpp"

#include <gtest/gtest.h>

namespace roda::appliance {
namespace {

class InboxCount : public testing::Test {
  protected:
    /// A datagram of so many readings. As ingest does: the arrival first.
    void receive(std::uint64_t readings, std::uint64_t receive_ns) {
        inbox_.arrivals.append({sent_, readings, {7, receive_ns, {}}});
        for (std::uint64_t i = 0; i < readings; ++i) {
            inbox_.readings.append({1, 0.0, sent_++});
        }
    }

    std::uint64_t before(std::uint64_t receive_ns, std::size_t most = 1000) {
        return reader_.count_before(receive_ns, reader_.peek(most).size());
    }

    Inbox inbox_{0, 256, 64, BurstShape{.readings_per_datagram = 2}};
    InboxReader reader_{inbox_};

  private:
    std::uint64_t sent_ = 0;
};

TEST_F(InboxCount, IsOfWholeDatagrams) {
    receive(3, 100);
    receive(2, 110);
    receive(4, 120);
    EXPECT_EQ(before(100), 0u);
    EXPECT_EQ(before(101), 3u);
    EXPECT_EQ(before(110), 3u);
    EXPECT_EQ(before(111), 5u);
    EXPECT_EQ(before(120), 5u);
    EXPECT_EQ(before(121), 9u);
    EXPECT_EQ(before(~std::uint64_t{0}), 9u);
}

TEST_F(InboxCount, IsOfNoMoreThanWasShown) {
    receive(3, 100);
    receive(2, 110);
    EXPECT_EQ(before(200, 4), 4u);
    EXPECT_EQ(before(105, 2), 2u);
    EXPECT_EQ(before(105, 4), 3u);
    EXPECT_EQ(before(100, 4), 0u);
}

TEST_F(InboxCount, GoesOnInTheMiddleOfADatagram) {
    receive(3, 100);
    receive(2, 110);
    reader_.pass(1);
    EXPECT_EQ(reader_.next_receive_ns(), 100u);
    EXPECT_EQ(before(100), 0u);
    EXPECT_EQ(before(105), 2u);
    reader_.pass(2);
    EXPECT_EQ(reader_.next_receive_ns(), 110u);
    EXPECT_EQ(before(105), 0u);
    EXPECT_EQ(before(111), 2u);
    reader_.pass(2);
    EXPECT_EQ(before(1000), 0u);
}

TEST_F(InboxCount, TakesEqualTimesTogether) {
    receive(1, 100);
    receive(1, 100);
    receive(1, 101);
    EXPECT_EQ(before(100), 0u);
    EXPECT_EQ(before(101), 2u);
}

}  // namespace
}  // namespace roda::appliance
