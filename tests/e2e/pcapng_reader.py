# SPDX-License-Identifier: Apache-2.0
"""A reader of pcapng files that shares no code with Roda: written from draft-ietf-opsawg-pcapng.
Strict: what it does not know is an error."""
import struct
from typing import NamedTuple

SECTION, INTERFACE, ENHANCED_PACKET = 0x0A0D0D0A, 1, 6
OPTION_COMMENT, OPTION_PROGRAM = 1, 4
OPTION_NAME, OPTION_RESOLUTION = 2, 9


class Frame(NamedTuple):
    interface: str
    time_ns: int
    wire_bytes: int
    data: bytes


class Recording(NamedTuple):
    comment: str
    interfaces: list
    frames: list


def blocks(content):
    at = 0
    while at < len(content):
        kind, length = struct.unpack_from("<II", content, at)
        assert length % 4 == 0 and length >= 12 and at + length <= len(content), (at, length)
        again, = struct.unpack_from("<I", content, at + length - 4)
        assert again == length, (at, length, again)
        yield kind, content[at + 8:at + length - 4]
        at += length


def options(body):
    found = {}
    at = 0
    while True:
        code, length = struct.unpack_from("<HH", body, at)
        if code == 0:
            assert length == 0 and at + 4 == len(body)
            return found
        found[code] = body[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def read_recording(path):
    content = path.read_bytes()
    comment, interfaces, frames = None, [], []
    for kind, body in blocks(content):
        if kind == SECTION:
            assert comment is None, "one section"
            magic, major, minor, length = struct.unpack_from("<IHHq", body)
            assert (magic, major, minor, length) == (0x1A2B3C4D, 1, 0, -1)
            told = options(body[16:])
            assert told[OPTION_PROGRAM] == b"roda"
            comment = told.get(OPTION_COMMENT, b"").decode()
        elif kind == INTERFACE:
            link_type, _, snapshot = struct.unpack_from("<HHI", body)
            told = options(body[8:])
            assert (link_type, snapshot, told[OPTION_RESOLUTION]) == (1, 0, b"\x09")
            interfaces.append(told[OPTION_NAME].decode())
        else:
            assert kind == ENHANCED_PACKET, kind
            number, high, low, captured, wire = struct.unpack_from("<IIIII", body)
            assert len(body) == 20 + (captured + 3) // 4 * 4, "no options"
            frames.append(Frame(interfaces[number], high << 32 | low, wire,
                                body[20:20 + captured]))
    return Recording(comment, interfaces, frames)
