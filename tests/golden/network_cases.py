# SPDX-License-Identifier: Apache-2.0
"""The cases about frames and datagrams: what is understood, and what is refused."""
from frames import *


def seed_quiet():
    return [telemetry_frame(columns([(1, 10.0, 1)])), telemetry_frame(columns([(1, 20.0, 2)]))]


def seed_alert():
    return [telemetry_frame(columns([(1, 10.0, 1)])), telemetry_frame(columns([(1, 100.0, 2)]))]


def duplicates():
    normal = telemetry_frame(columns([(1, 10.0, 1), (2, 50.0, 1)], sequence=1))
    spike = telemetry_frame(columns([(1, 100.0, 2), (2, 50.0, 2)], sequence=2))
    calm = telemetry_frame(columns([(1, 10.0, 3), (2, 50.0, 3)], sequence=3))
    return [normal, normal, spike, spike, spike, calm, spike, calm]


def reordered():
    def at(sequence, boot=1):
        return telemetry_frame(columns([(1, 10.0, sequence)], sequence=sequence, boot=boot))
    # 5 never comes; 3 and 4 change places; the device restarts with a new boot_id.
    return [at(1), at(2), at(4), at(3), at(6), at(7), at(1, boot=2), at(2, boot=2)]


def truncated():
    frame = telemetry_frame(columns([(sensor, 20.0, 1) for sensor in range(1, 9)]))
    cuts = [0, 6, 13, 14, 20, 33, 34, 41, 42, 60, 100, len(frame) - 1]
    good = telemetry_frame(columns([(1, 20.0, 2)]))
    return [frame[:length] for length in cuts if length > 0] + [good]


def garbage():
    noise = bytes((i * 197 + 13) % 256 for i in range(200))
    payload = columns([(1, 10.0, 1), (2, 20.0, 1)])
    uneven = telemetry.Datagram(sensor_id=[1, 2, 3], value=[1.0, 2.0], timestamp_ns=[1, 2, 3])
    both = telemetry.Datagram(sensor_id=[1], short_sensor_id=[1], value=[1.0])
    return [
        telemetry_frame(noise),
        telemetry_frame(payload[:-3]),
        telemetry_frame(b""),
        telemetry_frame(columns([])),
        telemetry_frame(uneven.SerializeToString()),
        telemetry_frame(both.SerializeToString()),
        telemetry_frame(b"\x0f" + payload),          # wire type 7
        telemetry_frame(payload + b"\x7a\x03abc"),   # an unknown field: accepted
        noise[:60],
        damaged(telemetry_frame(payload), 60),       # UDP checksum
        damaged(telemetry_frame(payload), 24),       # IPv4 header checksum
        # A first piece without a rest, and one that is cut where none may be.
        ethernet(ipv4(udp(payload, GATEWAY_V4, HOST_V4)[:64], flags=0x2000)),
        ethernet(ipv4(udp(payload, GATEWAY_V4, HOST_V4)[:63], flags=0x2000)),
        telemetry_frame(columns([(1, float("nan"), 2), (1, float("inf"), 3), (1, 10.5, 4)])),
    ]


def oversized():
    big = columns([(sensor, 30.0, 1) for sensor in range(1, 61)])       # 1,465 bytes: fits
    too_big = columns([(sensor, 30.0, 2) for sensor in range(1, 71)])   # does not fit the MTU
    huge = columns([(sensor, 30.0, 3) for sensor in range(1, 300)])     # longer than a buffer
    cut = telemetry_frame(big)
    return [telemetry_frame(big), telemetry_frame(too_big), telemetry_frame(huge), (cut, 200)]


def vlan():
    payloads = [columns([(1, 10.0, 1)]), columns([(1, 100.0, 2)]), columns([(1, 100.0, 3)])]
    return [
        telemetry_frame(payloads[0], tags=[(0x8100, 42)]),
        telemetry_frame(payloads[1], tags=[(0x88A8, 7), (0x8100, 42)]),
        telemetry_frame(payloads[2], tags=[(0x8100, 1), (0x8100, 2), (0x8100, 3)]),
        telemetry_frame(payloads[2], tags=[(0x8100, 43)]),
        telemetry_frame(payloads[2]),
    ]


def headers():
    def reading(value, at_ms):
        return columns([(1, value, at_ms)])

    def v6(at_ms, chain, first, value=10.0, **options):
        body = chain + udp(reading(value, at_ms), GATEWAY_V6, HOST_V6)
        return ethernet(ipv6(body, following=first, **options), ethertype=0x86DD)

    no_segments_left = bytes([0, 0, 0, 0, 0, 0])
    one_segment_left = bytes([0, 1, 0, 0, 0, 0])
    atomic = struct.pack(">BBHI", 17, 0, 0, 9)
    return [
        # IPv4 with options: router alert, and forty bytes of nothing.
        ethernet(ipv4(udp(reading(10.0, 1), GATEWAY_V4, HOST_V4), options=bytes([0x94, 4, 0, 0]))),
        ethernet(ipv4(udp(reading(10.0, 2), GATEWAY_V4, HOST_V4), options=bytes([1]) * 40)),
        # IPv6 with each extension header, all of them, and a whole packet that says it is a piece.
        v6(3, extension(17), first=0),
        v6(4, extension(17), first=60),
        v6(5, extension(17, no_segments_left + bytes(16)), first=43),
        v6(6, atomic, first=44),
        v6(7, extension(60) + extension(43) + extension(44, no_segments_left) + atomic,
           first=0),
        # Two tags, to the address on the inner one; the same address without them is nobody's.
        ethernet(ipv4(udp(reading(10.0, 8), GATEWAY_V4, TAGGED_V4), destination=TAGGED_V4),
                 tags=[(0x88A8, 7), (0x8100, 42)]),
        ethernet(ipv4(udp(reading(500.0, 9), GATEWAY_V4, TAGGED_V4), destination=TAGGED_V4)),
        v6(10, extension(17, one_segment_left), first=43, value=500.0),  # on its way elsewhere
    ]


def multicast():
    def to_v4(group, value, at_ms, tags=()):
        payload = columns([(1, value, at_ms)])
        return ethernet(ipv4(udp(payload, GATEWAY_V4, group), destination=group), tags=tags,
                        to=group_mac(group))

    def to_v6(group, value, at_ms):
        payload = columns([(1, value, at_ms)])
        return ethernet(ipv6(udp(payload, GATEWAY_V6, group), destination=group), ethertype=0x86DD,
                        to=group_mac(group))

    def asked_v6(kind, body, destination, hop_limit=255, alert=b""):
        message = icmpv6(kind, body, destination, source=ROUTER_V6)
        packet = ipv6(alert + message, destination=destination, following=0 if alert else 58,
                      source=ROUTER_V6, hop_limit=hop_limit)
        to = HOST_MAC if destination == HOST_V6 else group_mac(destination)
        return ethernet(packet, ethertype=0x86DD, to=to)

    def asked_v4(group, destination):
        packet = ipv4(igmp_query(group), destination=destination, protocol=2,
                      options=bytes([0x94, 4, 0, 0]))
        return ethernet(packet, to=group_mac(destination))

    solicited_node = bytes.fromhex("ff0200000000000000000001ff") + HOST_V6[13:]
    router_alert = extension(58, bytes([5, 2, 0, 0, 1, 0]))
    unicast = columns([(1, 500.0, 9)])
    return [
        to_v4(GROUP_V4, 10.0, 1),
        to_v6(GROUP_V6, 10.0, 2),
        to_v4(GROUP_V4, 500.0, 3, tags=[(0x8100, 42)]),   # of another VLAN
        to_v4(bytes([239, 77, 0, 2]), 500.0, 4),
        to_v6(GROUP_V6[:15] + b"\x78", 500.0, 5),
        # To everybody: as IP says it, as a network's address does, and by the link alone.
        ethernet(ipv4(udp(unicast, GATEWAY_V4, bytes([255] * 4)), destination=bytes([255] * 4)),
                 to=BROADCAST_MAC),
        ethernet(ipv4(udp(unicast, GATEWAY_V4, bytes([10, 77, 0, 255])),
                      destination=bytes([10, 77, 0, 255])), to=BROADCAST_MAC),
        ethernet(ipv4(udp(unicast, GATEWAY_V4, HOST_V4)), to=BROADCAST_MAC),
        # Eight questions to us: solicitations, pings, queries for all groups and for one.
        asked_v6(135, bytes(4) + HOST_V6 + bytes([1, 1]) + GATEWAY_MAC, solicited_node),
        asked_v6(135, bytes(4) + HOST_V6 + bytes([1, 1]) + GATEWAY_MAC, HOST_V6),
        asked_v6(128, bytes([0, 1, 0, 1]) + b"ping", HOST_V6, hop_limit=64),
        ethernet(ipv4(struct.pack(">BBHHH", 8, 0, 0xF7FD, 1, 1), protocol=1)),
        asked_v4(bytes(4), ALL_HOSTS),
        asked_v4(GROUP_V4, GROUP_V4),
        asked_v6(130, bytes(4) + bytes(16), ALL_NODES, hop_limit=1, alert=router_alert),
        asked_v6(130, bytes(4) + GROUP_V6, GROUP_V6, hop_limit=1, alert=router_alert),
        # Two about what is none of ours.
        asked_v4(bytes([239, 77, 0, 2]), bytes([239, 77, 0, 2])),
        asked_v6(135, bytes(4) + GATEWAY_V6, solicited_node[:13] + GATEWAY_V6[13:]),
        to_v4(GROUP_V4, 100.0, 6),
    ]


def fragments():
    def segment(value, at_ms, source=GATEWAY_V4, destination=HOST_V4):
        others = [(sensor, 10.0, at_ms) for sensor in range(2, 101)]
        readings = [(1, value, at_ms)] + others   # 2.4 KB
        return udp(columns(readings), source, destination)

    calm, spike, lost = segment(10.0, 1), segment(100.0, 2), segment(500.0, 3)
    first, second, third = [ethernet(packet) for packet in pieces_v4(spike, [1000, 2000], 2)]
    six = segment(100.0, 4, GATEWAY_V6, HOST_V6)
    middle = 1400
    chain = extension(44)
    front = ethernet(ipv6(chain + piece_v6(six, 0, middle, 4), following=0), ethertype=0x86DD)
    rear = ethernet(ipv6(chain + piece_v6(six, middle, len(six), 4), following=0), ethertype=0x86DD)
    group = segment(100.0, 5, destination=GROUP_V4)
    return [
        *[ethernet(packet) for packet in pieces_v4(calm, [1480], 1)],
        third, first, first, second,                     # out of order, and one twice
        *[ethernet(packet) for packet in pieces_v4(lost, [1480], 3)][:1],
        rear, front,
        *[ethernet(packet, to=group_mac(GROUP_V4))
          for packet in pieces_v4(group, [1480], 5, destination=GROUP_V4)],
        # To others, and of another protocol.
        ethernet(pieces_v4(calm, [1480], 6, destination=bytes([10, 77, 0, 99]))[0]),
        ethernet(pieces_v4(calm, [1480], 7, protocol=6)[0]),
        telemetry_frame(columns([(1, 100.0, 6)])),
    ]


def ipv6_case():
    wrong = bytearray(telemetry_frame_v6(columns([(1, 500.0, 3)])))
    wrong[-1] ^= 0xFF  # the checksum is not optional in IPv6
    return [
        telemetry_frame_v6(columns([(1, 10.0, 1)])),
        telemetry_frame_v6(columns([(1, 100.0, 2)])),
        bytes(wrong),
    ]


def wrong_port():
    payload = columns([(1, 10.0, 1)])
    tcp = ethernet(ipv4(bytes(20), protocol=6))
    other_host = ethernet(ipv4(udp(payload, GATEWAY_V4, bytes([10, 77, 0, 99])),
                               destination=bytes([10, 77, 0, 99])))
    return [
        telemetry_frame(payload, port=17751),
        telemetry_frame(payload, port=53),
        other_host,
        tcp,
        ethernet(bytes(46), ethertype=0x88CC),  # LLDP
        arp_request(HOST_V4),
        arp_request(bytes([10, 77, 0, 99])),
        telemetry_frame(payload),
    ]


def forms():
    return [
        telemetry_frame(columns([(1, 10.0, 1), (2, 20.0, 1)])),
        telemetry_frame(narrow([(1, 10.0, 2), (2, 20.0, 2)])),
        telemetry_frame(rows([(1, 10.0, 3), (2, 20.0, 3)])),
        telemetry_frame(rows([(1, 10.0, 5), (2, 190.0, 5)], device=0)),
        telemetry_frame(narrow([(1, 10.0, 6), (2, 20.0, 6)])),
        telemetry_frame(columns([(1, 95.0, 0), (2, 20.0, 0)], timestamps=False)),
    ]


CASES = {
    "seed_quiet": seed_quiet, "seed_alert": seed_alert, "duplicates": duplicates,
    "reordered": reordered, "truncated": truncated, "garbage": garbage, "oversized": oversized,
    "vlan": vlan, "ipv6": ipv6_case, "wrong_port": wrong_port, "forms": forms, "headers": headers,
    "multicast": multicast, "fragments": fragments,
}
