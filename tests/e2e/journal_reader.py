# SPDX-License-Identifier: Apache-2.0
"""A reader of the alert journal that shares no code with Roda: written from the two ASCII maps,
pipeline/store/journal_layout.hpp and appliance/alarms/alert_record.hpp."""
import mmap
import struct

MAGIC = b"RODAJRNL"
SCHEMA = 0x524F4441414C5402
DATA_OFFSET = 4096
CLAIMED_OFFSET = 128
PUBLISHED_OFFSET = 256
RECORD = struct.Struct("<QQQ32sIBBHdddQQQQBBHI48s16x")
TRANSITIONS = ["pending", "cancelled", "firing", "resolved", "acknowledged", "flapping", "shelved",
               "unshelved"]
SEVERITIES = ["info", "warning", "critical"]
LEVELS = [None, "hihi", "hi", "lo", "lolo"]
REASONS = ["reading", "time", "person", "reload", "group"]
NO_GROUP = 0xFFFFFFFF


def read_alerts(path):
    """Every record still held, oldest first, as dictionaries."""
    with open(path, "rb") as file:
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, version, record_bytes, ring, schema = struct.unpack_from("<8sIIQQ", memory, 0)
    assert (magic, version, record_bytes, schema) == (MAGIC, 1, RECORD.size, SCHEMA)
    claimed, = struct.unpack_from("<Q", memory, CLAIMED_OFFSET)
    published, = struct.unpack_from("<Q", memory, PUBLISHED_OFFSET)
    first = max(0, claimed - ring)
    return [record_at(memory, sequence % ring) for sequence in range(first, published)]


def record_at(memory, slot):
    (net_id, sensor, device, name, _, transition, severity, queue, value, reference, limit, event,
     receive, emit, cause, level, reason, shard, group, subject) = RECORD.unpack_from(
         memory, DATA_OFFSET + slot * RECORD.size)
    return {"id": net_id, "sensor_id": sensor, "device_id": device, "rule": text(name),
            "transition": TRANSITIONS[transition], "severity": SEVERITIES[severity], "value": value,
            "reference": reference, "limit": limit, "event_ns": event, "receive_ns": receive,
            "emit_ns": emit, "queue": queue, "cause": cause, "level": LEVELS[level],
            "reason": REASONS[reason], "shard": shard, "group": None if group == NO_GROUP else group,
            "subject": text(subject)}


def text(field):
    return field.split(b"\0")[0].decode(errors="replace")
