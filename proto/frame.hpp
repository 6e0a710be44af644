// SPDX-License-Identifier: Apache-2.0
// What an Ethernet frame means to this host: a telemetry datagram, a neighbour's question, or a
// refusal with its reason. Pure function over bytes; never reads outside the frame.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace roda::proto {

/// What the receiving device said about the layer 3 and 4 checksums of a frame.
enum class ChecksumVerdict : std::uint8_t {
    unknown,  // nobody looked: computed here
    good,     // the device checked, or the link is trusted
    bad,      // the device checked: refused
};

/// A received frame, borrowed from its buffer until the source's next release().
///
/// Units: receive_ns is Unix time. wire_bytes > bytes.size() when the buffer could not hold it all.
/// A frame that was put together from pieces may be longer than the link's.
struct FrameView {
    std::span<const std::byte> bytes;
    std::uint32_t wire_bytes = 0;
    ChecksumVerdict checksum = ChecksumVerdict::unknown;
    std::uint64_t receive_ns = 0;
    bool reassembled = false;
};

/// An IPv4 or IPv6 address; IPv4 lies in the mapped form ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
        return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
    }

    bool is_v4() const noexcept;

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// An address of this host, or a group that it listens to, on one VLAN.
struct HostAddress {
    /// Implicit: most addresses are on no VLAN.
    constexpr HostAddress(const IpAddress& ip = {}, std::uint16_t vlan = 0)
        : address(ip), vlan_id(vlan) {}

    IpAddress address;
    std::uint16_t vlan_id;  // innermost tag; 0: untagged, or tagged for its priority only

    friend bool operator==(const HostAddress&, const HostAddress&) = default;
};

/// Who this host is on the wire: what parse_frame() takes for its own.
struct HostIdentity {
    std::vector<HostAddress> addresses;  // empty: every destination is ours, on every VLAN
                                         // (captures, mirror ports)
    std::vector<HostAddress> groups{};   // multicast groups whose datagrams are taken in
    std::uint16_t ingest_port = 17750;
    std::uint32_t max_frame_bytes = 1522;  // MTU + Ethernet header + two VLAN tags
};

/// The UDP payload of a frame and where it came from; borrowed from the frame.
struct Datagram {
    std::span<const std::byte> payload;
    IpAddress source;
    IpAddress destination;
    std::uint16_t source_port = 0;  // host order
    std::uint16_t vlan_id = 0;      // innermost tag; 0: untagged
};

/// Why a frame is no telemetry; one counter each (design: the ledger).
enum class FrameRefusal : std::uint8_t {
    truncated,          // shorter than its own headers say
    oversized,          // longer than the port's MTU allows
    unknown_ethertype,  // neither IPv4, IPv6 nor ARP
    bad_ip_header,      // version, header length or total length contradict each other
    bad_ip_checksum,
    fragment,          // a piece of a datagram, and nobody puts pieces together
    wrong_address,     // addressed to another host, or to ours on another VLAN
    broadcast,         // to everybody on the link, be it by the link's address alone
    other_group,       // to a multicast group that is none of ours
    unknown_protocol,  // neither UDP nor a neighbour's question
    bad_udp_length,
    bad_udp_checksum,
    wrong_port,  // UDP, but not to the ingest port
};

inline constexpr std::size_t frame_refusal_count = 13;

/// The label of each refusal in metrics and ledgers, by enumerator.
inline constexpr std::array<std::string_view, frame_refusal_count> frame_refusal_names = {
    "truncated",
    "oversized",
    "unknown_ethertype",
    "bad_ip_header",
    "bad_ip_checksum",
    "fragment",
    "wrong_address",
    "broadcast",
    "other_group",
    "unknown_protocol",
    "bad_udp_length",
    "bad_udp_checksum",
    "wrong_port",
};

/// Whether a refused frame is sound, and only none of ours: a host's kernel may know it.
constexpr bool may_be_the_kernels(FrameRefusal why) noexcept {
    using enum FrameRefusal;
    return why == unknown_ethertype || why == wrong_address || why == broadcast ||
           why == other_group || why == unknown_protocol || why == wrong_port;
}

enum class FrameKind : std::uint8_t {
    datagram,   // ParsedFrame::datagram is set
    neighbour,  // a question to this host: ARP, echo, neighbour solicitation, a query for groups;
                // dpdk/neighbour answers it
    fragment,   // a piece of a datagram to this host: RxQueue::reassemble() keeps it
    refused,    // ParsedFrame::refusal is set
};

struct ParsedFrame {
    FrameKind kind = FrameKind::refused;
    FrameRefusal refusal = FrameRefusal::truncated;
    Datagram datagram;
};

/// Says what a frame is to this host: Ethernet, up to two 802.1Q/802.1ad tags, IPv4 with options
/// or IPv6 with extension headers, UDP. Checksums are verified when the device has not.
///
/// Pieces are of UDP as far as one can see; others are `unknown_protocol`, for a kernel to put
/// together. Of a piece only the IP header is checked.
/// Thread: any. Order: none. Cost: no allocation; a checksum only where verdict is unknown; own
/// addresses and groups are looked through one by one.
/// Source: RFC 791, 8200, 6946, 768, 1071; RFC 1122, 3.3.6; IEEE 802.1Q.
ParsedFrame parse_frame(const FrameView& frame, const HostIdentity& host) noexcept;

}  // namespace roda::proto
