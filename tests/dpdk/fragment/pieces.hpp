// SPDX-License-Identifier: Apache-2.0
// Datagrams cut into pieces, and a Reassembly to give them to; bytes and times are given.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dpdk/fragment/reassembly.hpp"
#include "tests/support/frame_builder.hpp"

namespace roda::dpdk {

using test::append;
using test::append_u16;
using test::append_u8;
using test::Bytes;
using test::Endpoints;
using test::ethernet;
using test::ethertype_ipv4;
using test::ethertype_ipv6;
using test::put_u16;
using test::VlanTag;

inline constexpr std::uint64_t patience_ns = 500'000'000;
inline constexpr std::uint64_t start_ns = 1'700'000'000'000'000'000;
inline constexpr std::size_t usual_piece_bytes = 1480;
inline constexpr std::size_t longest_payload_bytes = 65'507;

inline Bytes some_bytes(std::size_t count, unsigned seed = 1) {
    Bytes bytes(count);
    std::mt19937 random(seed);
    std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random()); });
    return bytes;
}

// A datagram of one gateway as it would be without an MTU, and how it is cut.
struct Original {
    Bytes payload = some_bytes(8'000);
    Endpoints between = {};
    std::uint16_t identification = 0x4242;
    std::vector<VlanTag> tags = {};
    Bytes options = {};              // IPv4
    Bytes extensions = {};           // IPv6, in front of the fragment header
    std::uint8_t first_header = 17;  // IPv6: what the fixed header names

    bool is_v4() const { return between.source.is_v4(); }

    Bytes link(std::uint16_t ethertype, const Bytes& packet) const {
        Bytes tagged;
        for (const VlanTag& tag : tags) {
            append_u16(tagged, tag.ethertype);
            append_u16(tagged, tag.control);
        }
        Bytes frame = ethernet(ethertype, packet);
        frame.insert(frame.begin() + 12, tagged.begin(), tagged.end());
        return frame;
    }

    Bytes segment() const { return test::udp(payload, {.between = between}); }

    // What is to come out.
    Bytes frame() const {
        if (is_v4()) {
            Bytes packet = test::ipv4(
                segment(), {.between = between, .flags_and_offset = 0, .options = options});
            put_u16(packet, 4, identification);
            put_u16(packet, 10, 0);
            put_u16(packet, 10, test::naive_checksum(std::span(packet).first(20 + options.size())));
            return link(ethertype_ipv4, packet);
        }
        Bytes body = extensions;
        append(body, segment());
        return link(ethertype_ipv6,
                    test::ipv6(body, {.between = between, .next_header = first_header}));
    }

    // One piece of `body`, whatever the caller says it is.
    Bytes piece(std::span<const std::byte> body, std::size_t offset, bool more) const {
        if (is_v4()) {
            const auto place = static_cast<std::uint16_t>(offset / 8 | (more ? 0x2000u : 0u));
            Bytes packet = test::ipv4(
                body, {.between = between, .flags_and_offset = place, .options = options});
            put_u16(packet, 4, identification);
            return link(ethertype_ipv4, packet);
        }
        Bytes headers = extensions;
        if (!headers.empty()) {
            headers[headers.size() - 8] = std::byte{44};  // the last extension is 8 bytes long
        }
        append_u8(headers, 17);
        append_u8(headers, 0);
        append_u16(headers, offset | (more ? 1u : 0u));
        append_u16(headers, 0);
        append_u16(headers, identification);
        append(headers, body);
        const std::uint8_t next = extensions.empty() ? std::uint8_t{44} : first_header;
        return link(ethertype_ipv6, test::ipv6(headers, {.between = between, .next_header = next}));
    }

    std::vector<Bytes> pieces(std::size_t piece_bytes = usual_piece_bytes) const {
        const Bytes whole = segment();
        std::vector<Bytes> cut;
        for (std::size_t at = 0; at < whole.size(); at += piece_bytes) {
            const std::size_t bytes = std::min(piece_bytes, whole.size() - at);
            cut.push_back(
                piece(std::span(whole).subspan(at, bytes), at, at + bytes < whole.size()));
        }
        return cut;
    }
};

inline Original ipv6_original() {
    return {.between = test::ipv6_endpoints()};
}

// A datagram of the n-th of many gateways.
inline Original of_sender(std::uint8_t number) {
    Original original;
    original.between.source = test::IpAddress::v4(10, 77, 1, number);
    original.payload = some_bytes(8'000, number);
    return original;
}

class ReassemblyTest : public testing::Test {
  protected:
    static constexpr std::uint32_t places = 8;

    // The frame that this piece made whole; empty when it did not.
    Bytes take(const Bytes& frame) {
        proto::FrameView view = test::view(frame, proto::ChecksumVerdict::good);
        view.receive_ns = now_ns;
        const auto whole = reassembly.take(view);
        const FragmentCounters now = reassembly.counters();
        EXPECT_EQ(now.taken,
                  now.joined + now.waiting +
                      std::accumulate(now.dropped.begin(), now.dropped.end(), std::uint64_t{0}));
        if (!whole) {
            return {};
        }
        EXPECT_TRUE(whole->reassembled);
        EXPECT_EQ(whole->wire_bytes, whole->bytes.size());
        EXPECT_EQ(whole->checksum, proto::ChecksumVerdict::unknown);
        EXPECT_EQ(whole->receive_ns, now_ns);
        return {whole->bytes.begin(), whole->bytes.end()};
    }

    // Of several pieces, what the last of them made; no other may complete anything.
    Bytes take_all(const std::vector<Bytes>& frames) {
        Bytes last;
        for (const Bytes& frame : frames) {
            EXPECT_TRUE(last.empty());
            last = take(frame);
        }
        return last;
    }

    std::uint64_t dropped(FragmentDrop why) const {
        return reassembly.counters().dropped.at(static_cast<std::size_t>(why));
    }

    std::uint64_t waiting() const { return reassembly.counters().waiting; }

    Reassembly reassembly{{.enabled = true, .datagrams = places, .patience_ms = 500}};
    std::uint64_t now_ns = start_ns;
};

}  // namespace roda::dpdk
