#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends frames that no kernel socket would: five datagrams with a wrong UDP checksum, three sound
ones for another MAC address, and a sound one, whose payload is no telemetry.
Usage: raw_frames.py INTERFACE MAC"""
import socket
import struct
import sys

from harness import GATEWAY, HOST

DAMAGED = 5
STRANGE = 3
SOUND = 1
STRANGER = "52:54:00:99:99:99"
PAYLOAD = b"\xffno telemetry at all"


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram_frame(mac, error=0):
    """An Ethernet frame from the gateway to Roda; `error` is added to the UDP checksum."""
    source, target = socket.inet_aton(GATEWAY), socket.inet_aton(HOST)
    length = 8 + len(PAYLOAD)
    pseudo = struct.pack("!4s4sxBHHHHH", source, target, 17, length, 40000, 17750, length, 0)
    udp = struct.pack("!HHHH", 40000, 17750, length, (checksum(pseudo + PAYLOAD) + error) & 0xFFFF)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, 17, 0, source, target)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    ethernet = bytes.fromhex(mac.replace(":", "") + "525400000002" + "0800")
    return ethernet + ip + udp + PAYLOAD


def main(interface, mac):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind((interface, 0))
        for frame, count in ((datagram_frame(mac, error=0x1111), DAMAGED),
                             (datagram_frame(STRANGER), STRANGE), (datagram_frame(mac), SOUND)):
            for _ in range(count):
                wire.send(frame)


if __name__ == "__main__":
    main(*sys.argv[1:])
