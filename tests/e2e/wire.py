#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A length of cable between a kernel and a port: makes the tap TAP, which is the kernel's end, and
hands frames on between it and INTERFACE. It can be a switch's tagged port (--vlan), and it can have
weather, which is seeded: frames of telemetry are lost, doubled (the second one some frames later) or
held until some others have passed. That is netem's and 8021q's work, for kernels that lack them, and
counted to the frame.

On SIGTERM hands on what its kernel has sent so far, and prints what it did as one JSON object:
`delivered` is [device_id, sequence] of each datagram in the order in which it was handed on.
Usage: wire.py TAP INTERFACE [--vlan ID] [--lose SHARE] [--double SHARE] [--hold SHARE]
               [--after DATAGRAMS] [--until DATAGRAMS] [--seed SEED]"""
import argparse
import fcntl
import json
import os
import random
import select
import signal
import struct
import sys

from raw_link import RawLink

TUNSETIFF = 0x400454CA
IFF_TAP_NO_INFO = 0x1002
INGEST_PORT = 17750
PAYLOAD_AT = 14 + 20 + 8


def make_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP_NO_INFO))
    return tap


def datagram_of(frame):
    """[device_id, sequence] of telemetry over IPv4; None for anything else."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 17 or frame[36:38] != struct.pack(">H", INGEST_PORT):
        return None
    found, at = {}, PAYLOAD_AT
    for tag, layout in ((0x09, "<Q"), (0x15, "<I"), (0x19, "<Q")):
        if frame[at] == tag:
            found[tag], = struct.unpack_from(layout, frame, at + 1)
            at += 1 + struct.calcsize(layout)
    return [found[0x09], found[0x19]]


class Weather:
    """Between the kernel and the port."""

    def __init__(self, wish, deliver):
        self.wish, self.deliver = wish, deliver
        self.dice = random.Random(wish.seed)
        self.late = []  # [frames that pass before it, frame, datagram]
        self.seen = 0
        self.did = {"lost": 0, "doubled": 0, "held": 0, "delivered": []}

    def pass_on(self, frame):
        datagram = datagram_of(frame)
        if datagram is None:
            self.deliver(frame)
            return
        self.seen += 1
        bad = self.wish.after < self.seen <= self.wish.until
        fate = self.dice.random() if bad else 1.0
        if fate < self.wish.lose:
            self.did["lost"] += 1
            return
        fate -= self.wish.lose
        if fate < self.wish.hold:
            self.did["held"] += 1
            self.late.append([self.dice.randrange(1, 6), frame, datagram])
            return
        fate -= self.wish.hold
        if fate < self.wish.double:
            self.did["doubled"] += 1
            self.late.append([self.dice.randrange(0, 6), frame, datagram])
        self.hand_on(frame, datagram)
        for entry in self.late:
            entry[0] -= 1
        due = [entry for entry in self.late if entry[0] < 0 or not bad]
        self.late = [entry for entry in self.late if entry[0] >= 0 and bad]
        for _, other, its_datagram in due:
            self.hand_on(other, its_datagram)

    def hand_on(self, frame, datagram):
        self.did["delivered"].append(datagram)
        self.deliver(frame)


parser = argparse.ArgumentParser()
parser.add_argument("tap")
parser.add_argument("interface")
parser.add_argument("--vlan", type=int)
for share in ("--lose", "--double", "--hold"):
    parser.add_argument(share, type=float, default=0.0)
parser.add_argument("--after", type=int, default=0)
parser.add_argument("--until", type=int, default=sys.maxsize)
parser.add_argument("--seed", type=int, default=1)
wish = parser.parse_args()

tap = make_tap(wish.tap)
port = RawLink(wish.interface)
tag = b"" if wish.vlan is None else struct.pack(">HH", 0x8100, wish.vlan)
weather = Weather(wish, lambda frame: port.send(frame[:12] + tag + frame[12:]))


ends = []
signal.signal(signal.SIGTERM, lambda *_: ends.append(True))
print("plugged", flush=True)
while True:
    ready, _, _ = select.select([tap, port], [], [], 0.1)
    if ends and tap not in ready:
        break
    if tap in ready:
        weather.pass_on(os.read(tap, 65536))
    if port in ready:
        frame = port.receive()
        if frame and frame[12:12 + len(tag)] == tag:
            os.write(tap, frame[:12] + frame[12 + len(tag):])
print(json.dumps(weather.did), flush=True)
