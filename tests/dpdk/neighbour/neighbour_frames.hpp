// SPDX-License-Identifier: Apache-2.0
// A host's identity, its neighbours' questions, and checksums made without the code under test.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dpdk/neighbour/neighbour.hpp"
#include "tests/dpdk/frame_bytes.hpp"

namespace roda::dpdk::test {

using Frame = std::vector<std::byte>;

inline constexpr std::string_view own_station = "020000000022";
inline constexpr std::string_view asker_station = "020000000011";

// 192.0.2.7, 10.9.0.2, 10.9.0.3 on VLAN 100; 2001:db8::2, 2001:db8:64::3 on VLAN 100;
// groups 239.1.2.3, 239.1.2.4 on VLAN 100, ff05::1234, ff05::64 on VLAN 100.
inline LinkIdentity own_identity() {
    const auto v6 = [](std::array<std::uint8_t, 6> front, std::uint8_t high, std::uint8_t low) {
        proto::IpAddress address;
        std::copy(front.begin(), front.end(), address.bytes.begin());
        address.bytes[14] = high;
        address.bytes[15] = low;
        return address;
    };
    const std::vector<proto::HostAddress> addresses = {
        proto::IpAddress::v4(192, 0, 2, 7),
        proto::IpAddress::v4(10, 9, 0, 2),
        {proto::IpAddress::v4(10, 9, 0, 3), 100},
        v6({0x20, 0x01, 0x0d, 0xb8, 0, 0}, 0, 2),
        {v6({0x20, 0x01, 0x0d, 0xb8, 0, 0x64}, 0, 3), 100}};
    const std::vector<proto::HostAddress> groups = {proto::IpAddress::v4(239, 1, 2, 3),
                                                    {proto::IpAddress::v4(239, 1, 2, 4), 100},
                                                    v6({0xff, 0x05, 0, 0, 0, 0}, 0x12, 0x34),
                                                    {v6({0xff, 0x05, 0, 0, 0, 0}, 0, 0x64), 100}};
    return link_identity({0x02, 0, 0, 0, 0, 0x22}, addresses, groups);
}

/// The ones' complement sum of RFC 1071, a word at a time: 0xffff over what holds its checksum.
inline unsigned ones_sum(const Frame& bytes) {
    unsigned sum = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        sum += std::to_integer<unsigned>(bytes[at]) << (at % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

inline void put16(Frame& bytes, std::size_t at, std::size_t value) {
    bytes.at(at) = static_cast<std::byte>(value >> 8 & 0xff);
    bytes.at(at + 1) = static_cast<std::byte>(value & 0xff);
}

inline Frame joined(std::initializer_list<Frame> pieces) {
    Frame all;
    for (const Frame& piece : pieces) {
        all.insert(all.end(), piece.begin(), piece.end());
    }
    return all;
}

inline Frame piece(const Frame& frame, std::size_t from, std::size_t bytes) {
    const auto begin = frame.begin() + static_cast<std::ptrdiff_t>(from);
    return {begin, begin + static_cast<std::ptrdiff_t>(bytes)};
}

/// A message whose checksum field, its third and fourth byte, is filled in.
inline Frame checked(Frame message, const Frame& pseudo_header = {}) {
    put16(message, 2, 0);
    put16(message, 2, ~ones_sum(joined({pseudo_header, message})) & 0xffff);
    return message;
}

/// An IPv4 frame in hexadecimal words. The header's checksum is right; the message is as it stands.
struct Ipv4 {
    std::string to = std::string(own_station);
    std::string from = std::string(asker_station);
    std::string tags = {};
    std::string service = "00";
    std::string identification = "0000 0000";  // with flags and offset
    std::string hop_limit = "40";
    std::string protocol = "01";
    std::string source = "0a090001";
    std::string destination = "0a090002";
    std::string options = {};
    Frame message = {};

    Frame frame() const {
        Frame header = hex("45" + service + "0000" + identification + hop_limit + protocol +
                           "0000" + source + destination + options);
        header[0] = static_cast<std::byte>(0x40 + header.size() / 4);
        put16(header, 2, header.size() + message.size());
        put16(header, 10, ~ones_sum(header) & 0xffff);
        return joined({hex(to + from + tags + "0800"), header, message});
    }
};

/// An IPv6 frame in hexadecimal words. `extension` begins with its next header, which is `next`
/// where there is none.
struct Ipv6 {
    std::string to = std::string(own_station);
    std::string from = std::string(asker_station);
    std::string tags = {};
    std::string front = "60000000";
    std::string hop_limit = "ff";
    std::string source = "fe800000000000000000000000000011";
    std::string destination = "20010db8000000000000000000000002";
    std::string next = "3a";
    std::string extension = {};
    Frame message = {};

    Frame frame() const {
        const Frame behind = hex(extension);
        Frame header = hex(front + "0000" + next + hop_limit + source + destination);
        put16(header, 4, behind.size() + message.size());
        return joined({hex(to + from + tags + "86dd"), header, behind, message});
    }

    /// With the message's ICMPv6 checksum filled in.
    Ipv6 with_checksum() const {
        Frame pseudo = joined({hex(source), hex(destination), hex("00000000 0000003a")});
        put16(pseudo, 34, message.size());
        Ipv6 filled = *this;
        filled.message = checked(message, pseudo);
        return filled;
    }
};

inline constexpr std::string_view mld_alert = "3a00 0502 0000 0100";

/// Every answer to a question. The room behind each stays as it was.
inline std::vector<Frame> answers(const Frame& question,
                                  const LinkIdentity& own = own_identity(),
                                  std::size_t room = 2048) {
    std::vector<Frame> all;
    for (;;) {
        Frame answer(room, std::byte{0xee});
        const auto written = answer_neighbour(question, own, answer, all.size());
        EXPECT_EQ(written.bytes == 0, written.question == NeighbourQuestion::none);
        EXPECT_TRUE(std::all_of(answer.begin() + static_cast<std::ptrdiff_t>(written.bytes),
                                answer.end(),
                                [](std::byte b) { return b == std::byte{0xee}; }));
        if (written.bytes == 0 || all.size() == 1000) {
            return all;
        }
        answer.resize(written.bytes);
        all.push_back(std::move(answer));
    }
}

inline NeighbourQuestion kind_of(const Frame& question) {
    Frame answer(2048);
    return answer_neighbour(question, own_identity(), answer).question;
}

/// The only answer; empty when there is none.
inline Frame answered(const Frame& question, std::size_t room = 2048) {
    const auto all = answers(question, own_identity(), room);
    EXPECT_LE(all.size(), 1u);
    return all.empty() ? Frame{} : all.front();
}

inline Frame changed(Frame frame, std::size_t offset, unsigned value) {
    frame.at(offset) = static_cast<std::byte>(value);
    return frame;
}

/// Each piece of a question lies in a heap block of its own size, so that a sanitizer sees a read
/// beyond it.
inline void expect_no_answer_to_any_piece_of(const Frame& question) {
    ASSERT_FALSE(answers(question).empty());
    for (std::size_t bytes = 0; bytes < question.size(); ++bytes) {
        EXPECT_TRUE(answers(piece(question, 0, bytes)).empty()) << bytes;
    }
}

/// Any change of one bit within the bytes leaves a question unanswered: the checksum does.
inline void expect_no_answer_when_damaged(const Frame& question, std::size_t from) {
    ASSERT_FALSE(answers(question).empty());
    for (std::size_t at = from; at < question.size(); ++at) {
        const auto was = std::to_integer<unsigned>(question[at]);
        EXPECT_TRUE(answers(changed(question, at, was ^ 0x10)).empty()) << at;
    }
}

}  // namespace roda::dpdk::test
