# SPDX-License-Identifier: Apache-2.0
"""Datagrams, the frames around them, and capture files.

The datagrams come from a stock protobuf library (python3-protobuf), not from Roda's encoder: the
cases show that what any library emits is understood.
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
ROUTER_V6 = bytes.fromhex("fe80000000000000000000000000bb02")
TAGGED_V4 = bytes([10, 78, 0, 1])                                    # on VLAN 42
GROUP_V4 = bytes([239, 77, 0, 1])
GROUP_V6 = bytes.fromhex("ff050000000000000000000000000077")
ALL_HOSTS = bytes([224, 0, 0, 1])
ALL_NODES = bytes.fromhex("ff020000000000000000000000000001")
BROADCAST_MAC = bytes.fromhex("ffffffffffff")
INGEST_PORT = 17750
START_NS = 1_700_000_000_000_000_000
MS = 1_000_000


def load_schema():
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(["protoc", f"--proto_path={PROTO}", f"--python_out={out}",
                        "telemetry.proto"], check=True)
        sys.path.insert(0, out)
        import telemetry_pb2
        return telemetry_pb2


telemetry = load_schema()


# --- datagrams ------------------------------------------------------------------------------------

def exact_columns(readings, device=7, sequence=0, boot=1):
    """readings: (sensor, value, nanoseconds after START_NS, or None for no time)."""
    message = telemetry.Datagram(device_id=device, boot_id=boot, sequence=sequence)
    for sensor, value, at_ns in readings:
        message.sensor_id.append(sensor)
        message.value.append(value)
        if at_ns is not None:
            message.timestamp_ns.append(START_NS + at_ns)
    return message.SerializeToString()


def columns(readings, device=7, sequence=0, boot=1, timestamps=True):
    """readings: (sensor, value, milliseconds after START_NS)."""
    return exact_columns([(sensor, value, at_ms * MS if timestamps else None)
                          for sensor, value, at_ms in readings], device, sequence, boot)


def narrow(readings, device=7, sequence=0):
    message = telemetry.Datagram(device_id=device, boot_id=1, sequence=sequence,
                                 base_time_ns=START_NS)
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


def ipv4(body, destination=HOST_V4, protocol=17, flags=0x4000, options=b"", identification=1):
    header_bytes = 20 + len(options)
    header = struct.pack(">BBHHHBBH", 0x40 | header_bytes // 4, 0, header_bytes + len(body),
                         identification, flags, 64, protocol, 0)
    header += GATEWAY_V4 + destination + options
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + body


def ipv6(body, destination=HOST_V6, following=17, source=GATEWAY_V6, hop_limit=64):
    fixed = struct.pack(">IHBB", 0x60000000, len(body), following, hop_limit)
    return fixed + source + destination + body


def ethernet(body, ethertype=0x0800, tags=(), to=HOST_MAC):
    frame = to + GATEWAY_MAC
    for tpid, vlan in tags:
        frame += struct.pack(">HH", tpid, vlan)
    frame += struct.pack(">H", ethertype) + body
    return frame + bytes(max(0, 60 - len(frame)))  # a NIC pads short frames


def telemetry_frame(payload, tags=(), **udp_options):
    return ethernet(ipv4(udp(payload, GATEWAY_V4, HOST_V4, **udp_options)), tags=tags)


def telemetry_frame_v6(payload):
    return ethernet(ipv6(udp(payload, GATEWAY_V6, HOST_V6)), ethertype=0x86DD)


def group_mac(group):
    if len(group) == 4:
        return bytes.fromhex("01005e") + bytes([group[1] & 0x7F]) + group[2:]
    return bytes.fromhex("3333") + group[12:]


def extension(following, body=bytes(6)):
    """Hop-by-hop, routing or destination options: what follows, the length, and padding."""
    assert (2 + len(body)) % 8 == 0
    return struct.pack("BB", following, (2 + len(body)) // 8 - 1) + body


def pieces_v4(segment, cuts, identification, **options):
    """The packets of a datagram that was cut at these places, each a multiple of eight."""
    ends = list(cuts) + [len(segment)]
    return [ipv4(segment[begin:end], flags=begin // 8 | (0 if end == len(segment) else 0x2000),
                 identification=identification, **options)
            for begin, end in zip([0] + list(cuts), ends)]


def piece_v6(segment, begin, end, identification, following=17):
    more = end < len(segment)
    return struct.pack(">BBHI", following, 0, begin | more, identification) + segment[begin:end]


def icmpv6(kind, body, destination, source=GATEWAY_V6):
    message = struct.pack(">BBH", kind, 0, 0) + body
    pseudo = source + destination + struct.pack(">II", len(message), 58)
    return message[:2] + struct.pack(">H", checksum(pseudo + message)) + message[4:]


def igmp_query(group):
    message = struct.pack(">BBH", 0x11, 100, 0) + group
    return message[:2] + struct.pack(">H", checksum(message)) + message[4:]


def arp_request(target):
    body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + GATEWAY_MAC + GATEWAY_V4 + bytes(6) + target
    return ethernet(body, ethertype=0x0806)


def damaged(frame, offset):
    return frame[:offset] + bytes([frame[offset] ^ 0x5A]) + frame[offset + 1:]


def pcap(records):
    """A pcap file of (microseconds, frame) in the order given; (frame, kept) cuts a frame."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for at_us, frame in records:
        kept = frame
        if isinstance(frame, tuple):
            frame, length = frame
            kept = frame[:length]
        out += struct.pack("<IIII", at_us // 1_000_000, at_us % 1_000_000, len(kept), len(frame))
        out += kept
    return out


def capture(frames):
    """A pcap file, one frame every millisecond."""
    return pcap((START_NS // 1000 + 5_000_000 + number * 1000, frame)
                for number, frame in enumerate(frames))
