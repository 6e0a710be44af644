# SPDX-License-Identifier: Apache-2.0
"""Whose readings are judged by which rule, and what the inventory says of them."""
from scene import NOTHING


def rule_selection(s):
    """Four rules with a limit of 80: by ids, by devices, by labels, by labels and ids."""
    hot = dict(reference=80, limit=80, level="hi")
    # The ends of ranges, and their neighbours.
    for sensor, at in ((16, "0"), (18, "1"), (399, "2"), (403, "3")):
        s.reading(sensor, 85.0, at)
    for occurrence, (sensor, at) in enumerate(((17, "4"), (400, "5"), (402, "6"))):
        s.reading(sensor, 85.0, at)
        s.expect(occurrence, "by_id", "firing", at, 85, **hot)
    # The device of a sensor is the one that sent its first reading.
    s.reading(20, 50.0, "10", device=3)
    s.reading(21, 50.0, "11", device=4)
    s.reading(20, 85.0, "12", device=4)
    s.expect(3, "by_device", "firing", "12", 85, **hot)
    s.reading(21, 85.0, "13", device=3)
    s.reading(20, 50.0, "14", device=3)
    s.expect(3, "by_device", "resolved", "14", 50, **hot)
    # All labels of a rule must be there.
    s.reading(31, 85.0, "20")
    s.expect(4, "by_label", "firing", "20", 85, subject="Boiler 1", **hot)
    s.reading(32, 85.0, "21")                     # of another building
    s.reading(33, 85.0, "22")                     # of no building
    s.reading(34, 85.0, "23")                     # both rules, in their order
    s.expect(5, "by_label", "firing", "23", 85, subject="Boiler 4", **hot)
    s.expect(6, "by_both", "firing", "23", 85, subject="Boiler 4", **hot)
    s.reading(0, 85.0, "30")                      # 0 and the greatest id are sensors like others
    s.expect(7, "by_id", "firing", "30", 85, sensor=0, **hot)
    s.reading(2**64 - 1, 85.0, "31")
    s.expect(8, "by_id", "firing", "31", 85, **hot)
    s.ends(alarms=8)


def rule_inventory_limits(s):
    """Each sensor's own limits; deadband 1."""
    def hot(limit, level="hi", name=None, **more):
        named = {"subject": name} if name else {}
        return dict(reference=limit, limit=limit, level=level, **named, **more)
    boiler = "Kessel 1, Rücklauf"
    s.series(1, (80.0, "0"), (80.5, "1"))
    s.expect(0, "limit", "firing", "1", 80.5, **hot(80, name=boiler))
    s.reading(1, 91.0, "2")
    s.expect(1, "limit", "firing", "2", 91, **hot(90, "hihi", boiler, severity="critical"))
    s.reading(1, 79.0, "3")
    s.expect(1, "limit", "resolved", "3", 79, **hot(90, "hihi", boiler, severity="critical"))
    s.expect(0, "limit", "resolved", "3", 79, **hot(80, name=boiler))
    s.reading(1, 9.0, "4")
    s.expect(2, "limit", "firing", "4", 9, **hot(10, "lo", boiler))
    s.series(2, (60.0, "5"))                      # without a name; only `hi`, below zero
    s.expect(3, "limit", "firing", "5", 60, **hot(-50))
    s.reading(2, -1e9, "6")
    s.expect(3, "limit", "resolved", "6", -1e9, **hot(-50))
    s.series(3, (1e9, "7"), (-1e9, "8"))          # has no limits
    s.series(4, (1e9, "9"), (-1e9, "10"))         # is not in the file
    s.reading(5, 0.1, "11")                       # a limit of 0 is one
    s.expect(4, "limit", "firing", "11", 0.1, **hot(0, name="Zero"))
    s.ends(alarms=2)


def rule_group(s):
    """Three sensors of a group that are hot (80, 90) or fast."""
    def hot(sensor, level="hi"):
        limit = {"hi": 80, "hihi": 90}[level]
        severity = {"hi": "warning", "hihi": "critical"}[level]
        return dict(rule="hot", reference=limit, limit=limit, level=level, severity=severity,
                    subject=f"S{sensor}")
    def slow(sensor):
        return dict(rule="slow", reference=80, limit=80, level="hi", subject=f"S{sensor}")
    group = dict(rule="many", reference=3, limit=3, severity="critical", by="group")
    boilers = dict(subject="boilers", group=0, **group)
    s.reading(1, 95.0, "0")                       # two alerts, one sensor
    s.expect(0, transition="firing", at="0", value=95, **hot(1, "hihi"))
    s.expect(1, transition="firing", at="0", value=95, **hot(1))
    s.reading(2, 85.0, "1")
    s.expect(2, transition="firing", at="1", value=85, **hot(2))
    s.reading(5, 85.0, "1.5")                     # of another group
    s.expect(3, transition="firing", at="1.5", value=85, **hot(5))
    s.reading(6, 85.0, "1.7")                     # of none
    s.expect(4, transition="firing", at="1.7", value=85, **hot(6))
    s.reading(3, 0.0, "1.8")
    s.reading(3, 50.0, "2.000000001")             # the third, by the other rule
    s.expect(5, "fast", "firing", "2.000000001", 50 / 0.200000001, 0, 100, subject="S3")
    s.expect(6, transition="firing", at="2.000000001", value=3, **boilers)
    s.reading(4, 85.0, "3")                       # four: nothing new
    s.expect(7, transition="firing", at="3", value=85, **hot(4))
    s.reading(1, 85.0, "4")                       # hihi is over, hi is not
    s.expect(0, transition="resolved", at="4", value=85, **hot(1, "hihi"))
    s.reading(1, 75.0, "5", received="5.004")
    s.expect(1, transition="resolved", at="5", value=75, **hot(1))
    s.reading(2, 75.0, "6.000000006", received="6.005")      # two are left
    s.expect(2, transition="resolved", at="6.000000006", value=75, **hot(2))
    s.expect(6, transition="resolved", at="6.000000006", value=2, **boilers)
    # By time: a delayed alert counts when it fires, and its own time is the group's.
    s.reading(2, 85.0, "7")
    s.expect(8, transition="firing", at="7", value=85, **hot(2))
    s.expect(9, transition="firing", at="7", value=3, **boilers)
    s.reading(5, 0.0, "20")
    s.expect(3, transition="resolved", at="20", value=0, **hot(5))
    began = []
    for number, (sensor, at) in enumerate(((11, "30"), (12, "31"), (13, "32.000000002"))):
        began.append(s.reading(sensor, 85.0, at))
        s.expect(10 + number, transition="pending", at=at, value=85, **slow(sensor))
    s.tick("34.000")
    s.expect(10, transition="firing", at="32", value=85, by="time", cause=began[0], **slow(11))
    s.expect(11, transition="firing", at="33", value=85, by="time", cause=began[1], **slow(12))
    s.tick("34.010")
    s.expect(12, transition="firing", at="34.000000002", value=85, by="time", cause=began[2],
             **slow(13))
    s.expect(13, transition="firing", at="34.000000002", value=3, subject="mills",
             group=1, cause=NOTHING, sensor=13, **group)
    s.ends(alarms=9)


SCENES = {
    "rule_selection": rule_selection, "rule_inventory_limits": rule_inventory_limits,
    "rule_group": rule_group,
}
