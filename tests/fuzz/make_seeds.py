#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the frames of the golden captures, and the datagrams in them, as fuzzer inputs: where a
corpus begins. Usage: make_seeds.py DIRECTORY (makes DIRECTORY/decoder and DIRECTORY/frame)."""
import hashlib
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


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    decoder, frame = (pathlib.Path(sys.argv[1]) / name for name in ("decoder", "frame"))
    decoder.mkdir(parents=True, exist_ok=True)
    frame.mkdir(parents=True, exist_ok=True)
    for capture in sorted(GOLDEN.glob("*/capture.pcap")):
        for content in frames_of(capture):
            for choice in range(64):  # who is asked: frame_fuzz.cpp
                write(frame, bytes([choice]) + content)
            write(decoder, content[HEADERS_BYTES:])


main()
