#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A seeded generator of frames that a port should never see, and sees all the same: noise, headers
that lie, telemetry with flipped bytes, protobuf of no schema. What of it is telemetry after all comes
from devices and sensors above 2^40. Prints how many frames it sent.
Usage: garbage.py INTERFACE MAC HOST HOST_V6 FRAMES SEED"""
import random
import socket
import struct
import sys
import time

from raw_link import RawLink

PORT = 17750
FOREIGN = 0x010101 << 40
PAUSE_EVERY = 64  # frames; a burst that rings of a port should take


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


class Garbage:
    def __init__(self, mac, host, host_v6, seed):
        self.dice = random.Random(seed)
        self.to = bytes.fromhex(mac.replace(":", ""))
        self.v4 = socket.inet_aton(host)
        self.v6 = socket.inet_pton(socket.AF_INET6, host_v6)
        self.kinds = [self.noise, self.unknown_type, self.lying_header, self.flipped, self.cut_short,
                      self.odd_protobuf, self.odd_extensions, self.pieces, self.odd_neighbour,
                      self.tags]

    def frame(self):
        frame = self.dice.choice(self.kinds)()
        return frame[:1514].ljust(14, b"\0")

    def noise_bytes(self, most):
        return self.dice.randbytes(self.dice.randrange(most))

    def ethernet(self, type_):
        return self.to + b"\x02" + self.dice.randbytes(5) + struct.pack(">H", type_)

    def ipv4(self, body, protocol=17, options=b"", cut=0):
        source = bytes([10, 77, 0, self.dice.randrange(3, 250)])
        header = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                             (20 + len(options) + len(body)) & 0xFFFF, self.dice.randrange(65536), cut,
                             64, protocol, 0, source, self.v4) + options
        header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
        return self.ethernet(0x0800) + header + body

    def ipv6(self, body, next_header=17, hops=255):
        source = b"\xfd\x77" + self.dice.randbytes(14)
        return (self.ethernet(0x86DD) + struct.pack(">IHBB", 6 << 28, len(body), next_header, hops) +
                source + self.v6 + body)

    def udp(self, payload):
        return struct.pack(">HHHH", self.dice.randrange(1, 65536), PORT, 8 + len(payload), 0) + payload

    def telemetry(self):
        readings = self.dice.randrange(1, 40)
        far = lambda: FOREIGN + self.dice.randrange(5000)
        return (b"\x09" + struct.pack("<Q", far()) + b"\x19" + struct.pack("<Q", self.dice.randrange(1000))
                + self.column(4, [struct.pack("<Q", far()) for _ in range(readings)])
                + self.column(5, [struct.pack("<d", self.dice.gauss(20, 0.1)) for _ in range(readings)])
                + self.column(6, [struct.pack("<Q", time.time_ns()) for _ in range(readings)]))

    def column(self, field, entries):
        body = b"".join(entries)
        return varint(field << 3 | 2) + varint(len(body)) + body

    def noise(self):
        return self.dice.randbytes(self.dice.randrange(14, 1514))

    def unknown_type(self):
        return self.ethernet(self.dice.randrange(65536)) + self.noise_bytes(300)

    def lying_header(self):
        frame = bytearray(self.ipv4(self.udp(self.telemetry())) if self.dice.random() < 0.5
                          else self.ipv6(self.udp(self.telemetry())))
        for _ in range(self.dice.randrange(1, 4)):
            frame[self.dice.randrange(12, 62)] = self.dice.randrange(256)
        return self.repaired(frame) if self.dice.random() < 0.7 else bytes(frame)

    def repaired(self, frame):
        """With a header checksum that is right for what the header says now."""
        length = (frame[14] & 15) * 4
        if frame[12:14] == b"\x08\x00" and length >= 20:
            frame[24:26] = b"\0\0"
            frame[24:26] = struct.pack(">H", checksum(bytes(frame[14:14 + length])))
        return bytes(frame)

    def flipped(self):
        payload = bytearray(self.telemetry())
        for _ in range(self.dice.randrange(1, 6)):
            at = self.dice.randrange(len(payload))
            payload[at] ^= 1 << self.dice.randrange(8)
        payload[6] |= 1  # no good gateway's device_id, whatever was flipped
        return self.ipv4(self.udp(bytes(payload)))

    def cut_short(self):
        frame = self.ipv4(self.udp(self.telemetry()))
        return frame[:self.dice.randrange(14, len(frame))]

    def odd_protobuf(self):
        payload = b""
        while len(payload) < self.dice.randrange(1, 1200):
            field, kind = self.dice.randrange(0, 16), self.dice.randrange(8)
            body = {0: varint(self.dice.randrange(1 << 64)), 1: self.dice.randbytes(8),
                    5: self.dice.randbytes(4)}.get(kind)
            if kind == 2:
                body = self.noise_bytes(80)
                body = varint(len(body) if self.dice.random() < 0.8 else self.dice.randrange(1 << 35)) + body
            payload += varint(field << 3 | kind) + (body or b"")
        return self.ipv4(self.udp(payload))

    def odd_extensions(self):
        if self.dice.random() < 0.5:
            options = self.dice.randbytes(4 * self.dice.randrange(1, 11))
            return self.ipv4(self.udp(self.telemetry()), options=options)
        chain, following = b"", 17
        for _ in range(self.dice.randrange(1, 6)):
            kind = self.dice.choice([0, 43, 44, 60, 51, 50, 59])
            chain = bytes([following, self.dice.choice([0, 0, 1, 40])]) + self.dice.randbytes(6) + chain
            following = kind
        return self.ipv6(chain + self.udp(self.telemetry()), following)

    def pieces(self):
        if self.dice.random() < 0.5:
            return self.ipv4(self.noise_bytes(700), cut=self.dice.randrange(1 << 16))
        cut = struct.pack(">BBHI", 17, 0, self.dice.randrange(1 << 16), self.dice.randrange(50))
        return self.ipv6(cut + self.noise_bytes(700), 44)

    def odd_neighbour(self):
        which = self.dice.randrange(5)
        if which == 0:
            frame = bytearray(self.ethernet(0x0806) + b"\0\1\x08\0\6\4\0\1" + self.dice.randbytes(16) +
                              self.v4)
            frame[self.dice.randrange(14, len(frame))] = self.dice.randrange(256)
            return bytes(frame)
        if which == 1:
            return self.ipv4(b"\x08\0" + self.noise_bytes(200), protocol=1)
        if which == 2:
            return self.ipv4(b"\x11" + self.noise_bytes(40), protocol=2)
        return self.ipv6(bytes([self.dice.choice([128, 130, 131, 133, 134, 135, 136, 137, 143])]) +
                         self.noise_bytes(100), 58, self.dice.choice([1, 255, 64]))

    def tags(self):
        frame = self.ipv4(self.udp(self.telemetry()))
        tags = b"".join(struct.pack(">HH", self.dice.choice([0x8100, 0x88A8, 0x9100]),
                                    self.dice.randrange(65536))
                        for _ in range(self.dice.randrange(1, 6)))
        return frame[:12] + tags + frame[12:]


if __name__ == "__main__":
    interface, mac, host, host_v6, frames, seed = sys.argv[1:]
    link = RawLink(interface, listens=False)
    garbage = Garbage(mac, host, host_v6, int(seed))
    for number in range(int(frames)):
        link.send(garbage.frame())
        if number % PAUSE_EVERY == 0:
            time.sleep(0.0005)
    print(frames, flush=True)
