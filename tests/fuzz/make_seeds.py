#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes fuzzer inputs, where a corpus begins: the frames of the golden captures, the datagrams in
them, frames that a link has besides, and scripts of pieces.
Usage: make_seeds.py DIRECTORY (makes DIRECTORY/decoder, DIRECTORY/frame, DIRECTORY/reassembly)."""
import hashlib
import ipaddress
import pathlib
import struct
import sys

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
HEADERS_BYTES = 14 + 20 + 8  # Ethernet, IPv4, UDP


def frames_of(capture):
    data = capture.read_bytes()
    at = 24
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def write(folder, content):
    (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)


def packed(address):
    return ipaddress.ip_address(address).packed


def ethernet(ethertype, packet, *tags, to="020000000001"):
    """Tags as (ethertype, VLAN)."""
    frame = bytes.fromhex(to) + bytes.fromhex("0200000000aa")
    for tag, vlan in tags:
        frame += struct.pack(">HH", tag, vlan)
    return frame + struct.pack(">H", ethertype) + packet


def ipv4(protocol, body, to="10.77.0.1", cut=0, options=b"", **link):
    header = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), 7,
                         cut, 64, protocol, 0)
    return ethernet(0x0800, header + packed("10.77.0.2") + packed(to) + options + body,
                    *link.get("tags", ()), to=link.get("link", "020000000001"))


def ipv6(protocol, body, to="fd77::aa01", tags=()):
    header = struct.pack(">IHBB", 6 << 28, len(body), protocol, 255)
    return ethernet(0x86dd, header + packed("fd77::2") + packed(to) + body, *tags)


def udp(port=17750):
    return struct.pack(">HHHH", 4000, port, 12, 1) + b"roda"


def extension(following, size=8, content=b""):
    return (bytes([following, size // 8 - 1]) + content).ljust(size, b"\0")


def link_frames():
    """What the frame parser tells apart, besides the captures' datagrams; checksums are wrong."""
    on_42, pair = [(0x8100, 42)], [(0x88a8, 7), (0x8100, 42)]
    arp = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + bytes(6) + packed("10.77.0.2") + bytes(6)
    yield ethernet(0x0806, arp + packed("10.77.0.1"), to="ff" * 6)
    yield ethernet(0x0806, arp + packed("10.78.0.1"), *on_42)
    yield from (ipv4(17, udp(), to="10.78.0.1", tags=tags) for tags in (on_42, pair, pair + on_42))
    yield ipv4(17, udp(), options=b"\x94\x04\0\0")
    yield from (ipv4(17, udp(), to=to, link=link)
                for to, link in (("239.77.0.1", "01005e4d0001"), ("239.77.0.2", "01005e4d0002"),
                                 ("255.255.255.255", "ff" * 6), ("10.77.0.255", "ff" * 6),
                                 ("10.77.0.1", "ff" * 6)))
    yield from (ipv4(17, udp() + bytes(4), cut=cut) for cut in (0x2000, 0x2001, 1, 0x1fff))
    yield from (ipv4(6, bytes(24), cut=cut) for cut in (0, 0x2000))
    yield ipv4(1, b"\x08".ljust(16, b"\0"))
    yield from (ipv4(2, b"\x11".ljust(4, b"\0") + packed(group) + version, to=to)
                for group, to in (("0.0.0.0", "224.0.0.1"), ("239.77.0.1", "239.77.0.1"))
                for version in (b"", bytes(4)))
    yield from (ipv6(17, udp(), to=to) for to in ("fd77::aa01", "ff05::77", "ff05::78"))
    for cut in (0, 1, 8, 9, 0xfff8):
        piece = struct.pack(">BBHI", 17, 0, cut, 7)
        yield ipv6(44, piece + udp() + bytes(4))
        yield ipv6(0, extension(60) + extension(44, 16) + piece + udp() + bytes(4))
    yield from (ipv6(43, extension(17, 24, bytes([0, left])) + udp()) for left in (0, 1))
    yield ipv6(58, b"\x80".ljust(16, b"\0"))
    yield from (ipv6(58, b"\x87".ljust(8, b"\0") + packed("fd77::aa01"), to=to)
                for to in ("fd77::aa01", "ff02::1:ff00:aa01"))
    yield from (ipv6(0, extension(58) + b"\x82".ljust(8, b"\0") + packed(group) + bytes(4), to=to)
                for group, to in (("::", "ff02::1"), ("ff05::77", "ff05::77"),
                                  ("ff02::1:ff00:aa01", "ff02::1:ff00:aa01")))


RELEASE = b"\x03"
V6, V4 = 4, 0


def piece(offset, size, more=True, family=V4, sender=0, number=0, vlan=0, options=0, changed=0):
    """A step of reassembly_fuzz.cpp that makes a piece; offset in bytes, sizes from 512 on a
    multiple of eight."""
    size = size if size < 512 else 0xe000 | size // 8
    step = family | more << 3 | sender << 4 | number << 6 | vlan << 7
    return struct.pack(">BHHB", step, offset // 8 | options << 13, size, changed)


def frame_step(content):
    return struct.pack(">BH", 1, len(content)) + content


def time_step(milliseconds):
    return bytes([2, milliseconds // 4])


def scripts():
    """Each with what the decision is that it reaches."""
    clock_set_back = bytes([2, 255])
    for family in (V4, V6):
        def cut(**more):
            return [piece(0, 64, family=family, **more), piece(64, 64, family=family, **more),
                    piece(128, 13, more=False, family=family, **more)]
        whole = cut()
        yield whole + [RELEASE] + whole[::-1] + [RELEASE]
        yield [whole[1], whole[1], whole[0], piece(0, 128, family=family)] + whole  # copies
        yield [whole[1], piece(64, 64, family=family, changed=1)] + whole  # overlaps
        yield [whole[1], piece(56, 16, family=family)] + whole
        yield [whole[2], piece(256, 8, family=family)] + whole  # contradictions
        yield [whole[2], piece(64, 8, more=False, family=family)] + whole
        yield [whole[1], piece(8, 8, more=False, family=family)] + whole
        yield whole[:2] + [time_step(504)] + whole
        yield whole[:2] + [clock_set_back] + whole
        yield cut(vlan=1) + cut(options=1) + cut(options=6)
        yield [piece(0, 64, family=family, options=7)] + whole[1:]
        yield [piece(0, 32_768, family=family, options=7 if family == V4 else 1),  # too long
               piece(32_768, 32_736, more=False, family=family)]
        yield [piece(65_024, 512, family=family), piece(65_528, 8, more=False, family=family)]
        yield [piece(0, 64, more=False, family=family), piece(0, 12, family=family),
               piece(8, 0, family=family)]
        yield [step for sender in range(4) for step in cut(sender=sender)[1:]] + cut(number=1)
        yield cut(sender=1)[:2] + [cut(number=n)[0] for n in (0, 1, 0, 1)] + cut(sender=1)[2:]
    yield [frame_step(bytes(13)), frame_step(bytes(12) + b"\x08\x00\x45" + bytes(19)),
           frame_step(bytes(12) + b"\x81\x00\x00\x05\x86\xdd\x60" + bytes(60))]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    decoder, frame, reassembly = (
        pathlib.Path(sys.argv[1]) / name for name in ("decoder", "frame", "reassembly"))
    for folder in (decoder, frame, reassembly):
        folder.mkdir(parents=True, exist_ok=True)
    for capture in sorted(GOLDEN.glob("*/capture.pcap")):
        for content in frames_of(capture):
            for choice in range(64):  # who is asked: frame_fuzz.cpp
                write(frame, bytes([choice]) + content)
            write(decoder, content[HEADERS_BYTES:])
    for content in link_frames():
        for choice in (1, 5, 37, 53):  # checksums good; with addresses, groups, put together
            write(frame, bytes([choice]) + content)
    for script in scripts():
        for places in (0, 1, 3):  # less one
            write(reassembly, bytes([places]) + b"".join(script))


main()
