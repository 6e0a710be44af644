#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends datagrams larger than a frame, so that the kernel cuts them, or cuts them itself and leaves
pieces out. Usage: large_gateway.py HOST DEVICE_ID READINGS DATAGRAMS [--omit-one INTERFACE MAC]"""
import argparse
import socket
import struct
import time

PORT = 17750
PIECE_BYTES = 1480


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def column(field, entries):
    return varint(field << 3 | 2) + varint(len(entries)) + entries


def datagram(device, sequence, readings):
    now = time.time_ns()
    head = b"\x09" + struct.pack("<Q", device) + b"\x19" + struct.pack("<Q", sequence)
    return (head + column(4, b"".join(struct.pack("<Q", 1 + i) for i in range(readings)))
            + column(5, struct.pack("<d", 20.0) * readings)
            + column(6, struct.pack("<Q", now) * readings))


def checksum(body):
    total = sum(struct.unpack(f">{(len(body) + 1) // 2}H", body + b"\0" * (len(body) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pieces(payload, number, source, host):
    segment = struct.pack(">HHHH", 40000, PORT, 8 + len(payload), 0) + payload
    for at in range(0, len(segment), PIECE_BYTES):
        body = segment[at:at + PIECE_BYTES]
        more = 0x2000 if at + len(body) < len(segment) else 0
        header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), number, more | at // 8, 64, 17,
                             0, source, host)
        yield header[:10] + struct.pack(">H", checksum(header)) + header[12:] + body


parser = argparse.ArgumentParser()
parser.add_argument("host")
parser.add_argument("device", type=int)
parser.add_argument("readings", type=int)
parser.add_argument("datagrams", type=int)
parser.add_argument("--omit-one", nargs=2, metavar=("INTERFACE", "MAC"))
wish = parser.parse_args()

family = socket.AF_INET6 if ":" in wish.host else socket.AF_INET
gateway = socket.socket(family, socket.SOCK_DGRAM)
gateway.connect((wish.host, PORT))
gateway.send(b"")  # so that the neighbour is known before the first piece
time.sleep(0.5)
if wish.omit_one:
    interface, mac = wish.omit_one
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
    source = socket.inet_aton(gateway.getsockname()[0])
for sequence in range(1, wish.datagrams + 1):
    payload = datagram(wish.device, sequence, wish.readings)
    if not wish.omit_one:
        gateway.send(payload)
    else:
        cut = list(pieces(payload, sequence, source, socket.inet_aton(wish.host)))
        del cut[sequence % len(cut)]
        for piece in cut:
            wire.sendto(piece, (interface, 0x0800, 0, 0, bytes.fromhex(mac.replace(":", ""))))
    time.sleep(0.002)
