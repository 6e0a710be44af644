# SPDX-License-Identifier: Apache-2.0
"""Readings at exact times, and beside them, written by hand, the transitions that must follow.

A scene is a capture and what the rules must make of it. Times are text, seconds after START_NS, to
the nanosecond: "2.000000001". A datagram arrives LATENCY_NS after its reading was taken (captures
have microseconds), unless the case says when.
"""
import decimal
import json

from frames import START_NS, exact_columns, pcap, telemetry_frame

LATENCY_NS = 100_000
TICK_SENSOR = 999   # matches no rule; its datagrams let time pass


def ns(text):
    exact = decimal.Decimal(text) * 1_000_000_000
    assert exact == exact.to_integral_value(), text
    return int(exact)


class Near:
    """A figure that is not exact by contract."""

    def __init__(self, value, relative):
        self.value, self.relative = value, relative

    def __eq__(self, other):
        return abs(other - self.value) <= self.relative * abs(self.value)

    def __repr__(self):
        return f"{self.value} within {self.relative:.0%}"


class Reading:
    def __init__(self, sensor, device, cause, receive_ns):
        self.sensor, self.device, self.cause, self.receive_ns = sensor, device, cause, receive_ns


NOTHING = Reading(None, 0, 0, 0)


class Scene:
    def __init__(self):
        self.records = []
        self.alerts = []
        self.readings = 0
        self.last = None
        self.now_ns = 0
        self.counts = {}

    # --- what arrives -----------------------------------------------------------------------------

    def reading(self, sensor, value, at, received=None, device=7, sequence=0, refused=False):
        """One reading in a datagram of its own. `refused`: its datagram is, before it counts."""
        if received is None:
            receive_ns = (ns(at) + LATENCY_NS) // 1000 * 1000
        else:
            receive_ns = ns(received)
        assert receive_ns >= self.now_ns and receive_ns % 1000 == 0, (at, received)
        self.now_ns = receive_ns
        payload = exact_columns([(sensor, value, ns(at))], device, sequence)
        self.records.append(((START_NS + receive_ns) // 1000, telemetry_frame(payload)))
        if not refused:
            self.last = Reading(sensor, device, self.readings, START_NS + receive_ns)
            self.readings += 1
        return self.last

    def series(self, sensor, *values_and_times, **options):
        for value, at in values_and_times:
            self.reading(sensor, value, at, **options)

    def tick(self, at):
        """Nothing happens but that it is now."""
        last = self.last
        tick = self.reading(TICK_SENSOR, 0.0, at, received=at, device=99)
        self.last = last
        return tick

    # --- what must come of it ---------------------------------------------------------------------

    def expect(self, occurrence, rule, transition, at, value, reference, limit, **other):
        """The next transition. `occurrence`: how many occurrences of alerts began before its own.

        by: "reading": the one before this line, unless `cause` says which; "time": `cause` is the
        reading that began it, NOTHING where none did.
        """
        by = other.pop("by", "reading")
        cause = other.pop("cause", self.last)
        alert = {"id": f"1:0:{occurrence}", "rule": rule, "transition": transition,
                 "severity": other.pop("severity", "warning"), "reason": by,
                 "sensor_id": other.pop("sensor", cause.sensor),
                 "device_id": cause.device,
                 "value": value, "reference": reference, "limit": limit,
                 "event_ns": START_NS + ns(at),
                 "receive_ns": cause.receive_ns, "queue": 0, "shard": 0, "cause": cause.cause}
        alert.update(other)   # level, subject, group
        self.alerts.append(alert)

    def ends(self, alarms=0, **counts):
        """Alarms that are still remembered at the end, and counters that are not 0."""
        self.counts = {"alarms": alarms, **counts}

    # --- the files --------------------------------------------------------------------------------

    def capture(self):
        return pcap(self.records)

    def faults(self, text):
        """What is wrong with the lines that the program prints: alerts, then the ledger."""
        printed = [json.loads(line) for line in text.splitlines()]
        if not printed:
            return ["nothing is printed"]
        ledger = printed.pop()
        faults = []
        for number in range(max(len(printed), len(self.alerts))):
            expected = self.alerts[number] if number < len(self.alerts) else None
            actual = printed[number] if number < len(printed) else None
            faults += differences(number, expected, actual)
        return faults + self.ledger_faults(ledger)

    def ledger_faults(self, ledger):
        counts = dict(self.counts)
        non_finite = counts.pop("non_finite", 0)
        expected = {"alerts": len(self.alerts), "balanced": True, "received": self.readings,
                    "accepted": self.readings - non_finite, "non_finite": non_finite,
                    "key_table_full": 0, "clamped": counts.pop("clamped", 0),
                    "late": counts.pop("late", 0), "duplicate": counts.pop("duplicate", 0),
                    **dict.fromkeys(ledger["rules"], 0), **counts}
        readings = ledger["readings"]
        actual = {**ledger["rules"], **readings, **readings["refused"],
                  "alerts": ledger["alerts"], "balanced": ledger["balanced"],
                  "duplicate": ledger["datagrams"]["refused"]["duplicate"]}
        del actual["refused"]
        return [f"ledger: {key} is {actual.get(key)}, by hand {expected.get(key)}"
                for key in sorted({**actual, **expected}) if actual.get(key) != expected.get(key)]


def moment(alert):
    return decimal.Decimal(alert["event_ns"] - START_NS) / 1_000_000_000


def outline(alert):
    return (f"{alert['id']} {alert['rule']} {alert.get('level', '')} {alert['transition']} sensor "
            f"{alert['sensor_id']} at {moment(alert)} value {alert['value']}")


def differences(number, expected, actual):
    if expected is None:
        return [f"alert {number}: not by hand: {outline(actual)}"]
    if actual is None:
        return [f"alert {number}: missing: {outline(expected)}"]
    fields = [f"{key} {actual.get(key)}, by hand {expected.get(key)}"
              for key in {**expected, **actual} if not expected.get(key) == actual.get(key)]
    return [f"alert {number} ({outline(expected)}): " + "; ".join(fields)] if fields else []
