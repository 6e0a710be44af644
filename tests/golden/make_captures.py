#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the capture of every golden case, byte for byte the same each time.

The datagrams come from a stock protobuf library (python3-protobuf), not from Roda's encoder: the
cases show that what any library emits is understood. Usage: make_captures.py [--check]; with
--check nothing is written, and the exit code tells whether the committed captures are these.
"""
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROTO = HERE.parent.parent / "proto"

HOST_MAC = bytes.fromhex("0200000000aa")
GATEWAY_MAC = bytes.fromhex("0200000000bb")
HOST_V4 = bytes([10, 77, 0, 1])
GATEWAY_V4 = bytes([10, 77, 0, 2])
HOST_V6 = bytes.fromhex("fd77000000000000000000000000aa01")
GATEWAY_V6 = bytes.fromhex("fd77000000000000000000000000bb02")
INGEST_PORT = 17750
START_NS = 1_700_000_000_000_000_000
MS = 1_000_000


def load_schema():
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(["protoc", f"--proto_path={PROTO}", f"--python_out={out}", "telemetry.proto"],
                       check=True)
        sys.path.insert(0, out)
        import telemetry_pb2
        return telemetry_pb2


telemetry = load_schema()


# --- datagrams ------------------------------------------------------------------------------------

def columns(readings, device=7, sequence=0, boot=1, timestamps=True):
    """readings: (sensor, value, milliseconds after START_NS)."""
    message = telemetry.Datagram(device_id=device, boot_id=boot, sequence=sequence)
    for sensor, value, at_ms in readings:
        message.sensor_id.append(sensor)
        message.value.append(value)
        if timestamps:
            message.timestamp_ns.append(START_NS + at_ms * MS)
    return message.SerializeToString()


def narrow(readings, device=7, sequence=0):
    message = telemetry.Datagram(device_id=device, boot_id=1, sequence=sequence, base_time_ns=START_NS)
    for sensor, value, at_ms in readings:
        message.short_sensor_id.append(sensor)
        message.value.append(value)
        message.time_offset_us.append(at_ms * 1000)
    return message.SerializeToString()


def rows(readings, device=7, sequence=0):
    message = telemetry.Datagram(device_id=device, boot_id=1, sequence=sequence)
    for sensor, value, at_ms in readings:
        message.readings.add(sensor_id=sensor, value=value, timestamp_ns=START_NS + at_ms * MS)
    return message.SerializeToString()


# --- frames ---------------------------------------------------------------------------------------

def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(payload, source, destination, port=INGEST_PORT, source_port=40000):
    length = 8 + len(payload)
    header = struct.pack(">HHHH", source_port, port, length, 0)
    if len(source) == 4:
        pseudo = source + destination + struct.pack(">BBH", 0, 17, length)
    else:
        pseudo = source + destination + struct.pack(">IHBB", length, 0, 0, 17)
    value = checksum(pseudo + header + payload) or 0xFFFF
    return header[:6] + struct.pack(">H", value) + payload


def ipv4(body, destination=HOST_V4, protocol=17, flags=0x4000):
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, flags, 64, protocol, 0)
    header += GATEWAY_V4 + destination
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + body


def ipv6(body, destination=HOST_V6):
    return struct.pack(">IHBB", 0x60000000, len(body), 17, 64) + GATEWAY_V6 + destination + body


def ethernet(body, ethertype=0x0800, tags=()):
    frame = HOST_MAC + GATEWAY_MAC
    for tpid, vlan in tags:
        frame += struct.pack(">HH", tpid, vlan)
    frame += struct.pack(">H", ethertype) + body
    return frame + bytes(max(0, 60 - len(frame)))  # a NIC pads short frames


def telemetry_frame(payload, tags=(), **udp_options):
    return ethernet(ipv4(udp(payload, GATEWAY_V4, HOST_V4, **udp_options)), tags=tags)


def telemetry_frame_v6(payload):
    return ethernet(ipv6(udp(payload, GATEWAY_V6, HOST_V6)), ethertype=0x86DD)


def arp_request(target):
    body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + GATEWAY_MAC + GATEWAY_V4 + bytes(6) + target
    return ethernet(body, ethertype=0x0806)


def damaged(frame, offset):
    return frame[:offset] + bytes([frame[offset] ^ 0x5A]) + frame[offset + 1:]


def capture(frames):
    """A pcap file, one frame every millisecond; a (frame, kept) pair cuts what was captured."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for number, frame in enumerate(frames):
        kept = frame
        if isinstance(frame, tuple):
            frame, length = frame
            kept = frame[:length]
        at_us = START_NS // 1000 + 5_000_000 + number * 1000
        out += struct.pack("<IIII", at_us // 1_000_000, at_us % 1_000_000, len(kept), len(frame))
        out += kept
    return out


# --- cases ----------------------------------------------------------------------------------------

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
        ethernet(ipv4(udp(payload, GATEWAY_V4, HOST_V4), flags=0x2000)),  # first fragment
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
        telemetry_frame(columns([(1, 95.0, 0), (2, 20.0, 0)], timestamps=False)),
        telemetry_frame(rows([(1, 10.0, 5), (2, 190.0, 5)], device=0)),
        telemetry_frame(narrow([(1, 10.0, 6), (2, 20.0, 6)])),
    ]


CASES = {
    "seed_quiet": seed_quiet, "seed_alert": seed_alert, "duplicates": duplicates,
    "reordered": reordered, "truncated": truncated, "garbage": garbage, "oversized": oversized,
    "vlan": vlan, "ipv6": ipv6_case, "wrong_port": wrong_port, "forms": forms,
}


def main():
    check = "--check" in sys.argv[1:]
    stale = []
    for name, make in CASES.items():
        path = HERE / name / "capture.pcap"
        made = capture(make())
        if check:
            if not path.exists() or path.read_bytes() != made:
                stale.append(name)
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(made)
    if stale:
        print("not what make_captures.py makes: " + ", ".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
