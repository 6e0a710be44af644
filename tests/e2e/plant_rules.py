# SPDX-License-Identifier: Apache-2.0
"""The 500 rules of plant_test.py. Most are for few sensors, named by ids, by gateway or by labels; which
part of an area has which is in the constants here."""
import json

from plant_layout import AREAS, gateway_of, sensor_at

RULES = 500
LIMITED = (1, 100)      # offsets in each area: hi_NN, by ids
RISING = (101, 200)     # rate_NN, by labels: pressure
DELAYED = 600           # delay_NN, by gateway: the one of this offset
WINDOWED = (701, 710)   # window_NN
FLAT = (721, 730)       # flat_NN, areas 0 to 49
SPECIAL = (741, 750)    # one of specials(), an area each
RELOADED = (751, 760)   # the rules that a reload adds and takes away
ADDED_AREA, REMOVED_AREA = 60, 61

# of, width and slide in rounds, further keys: window_NN has the one of NN % 10.
WINDOWS = [
    ("limits", "window_mean", 4, 4, {"hi": 78}),
    ("limits", "window_mean", 4, 1, {"hi": 78}),
    ("limits", "window_maximum", 4, 4, {"hi": 90}),
    ("limits", "window_rate", 4, 4, {"hi": 0.03}),
    ("limits", "window_p95", 8, 4, {"hi": 90}),
    ("limits", "window_count", 4, 4, {"lo": 4}),
    ("jump", "window_mean", 4, 4, {"ratio": 1.5}),
    ("limits", "window_deviation", 4, 4, {"hi": 10}),
    ("limits", "window_minimum", 4, 4, {"lo": 30}),
    ("limits", "window_p50", 4, 4, {"hi": 80}),
]
LATE_AREA = 92  # its windows wait two rounds for late readings

DELAYS = [  # delay_NN has the one of NN % 4
    {"on_delay_ms": 600_000},
    {"off_delay_ms": 1_500},
    {"on_delay_ms": 600_000, "off_delay_ms": 600_000},
    {"on_delay_ms": 2_000},
]
DIRECTIONS = ["either", "rising", "falling"]  # rate_NN has the one of NN % 3


def ids(area, offsets):
    return {"sensors": [f"{sensor_at(area, offsets[0])}-{sensor_at(area, offsets[1])}"]}


def of_all():
    """For every sensor, or for labels that the inventory gives."""
    return [
        {"name": "own_limits", "kind": "limits", "hihi": "inventory", "hi": "inventory",
         "lo": "inventory", "lolo": "inventory", "deadband": 1, "labels": {"team": "process"}},
        {"name": "broken", "kind": "quality", "least": -100, "greatest": 500, "severity": "critical",
         "message": "{name} of {label:group} says {value} {unit}"},
        {"name": "value_jump", "kind": "jump", "ratio": 3, "absolute": 20, "severity": "info"},
        {"name": "area_trouble", "kind": "group", "rules": [f"hi_{area:02}" for area in range(AREAS)],
         "by": "group", "at_least_sensors": 3, "severity": "critical"},
        {"name": "silent", "kind": "absence", "for_ms": 4000, "match": {"labels": {"watch": "beat"}}},
        {"name": "slow", "kind": "absence", "intervals": 3, "match": {"labels": {"watch": "slow"}}},
        {"name": "silent_cell", "kind": "group", "rules": ["silent"], "by": "cell",
         "at_least_sensors": 3, "severity": "critical", "labels": {"team": "process"}},
    ]


def of_areas():
    for area in range(AREAS):
        name = f"{area:02}"
        yield {"name": f"hi_{name}", "kind": "limits", "hi": 75, "lo": 25, "deadband": 2,
               "match": ids(area, LIMITED)}
        yield {"name": f"rate_{name}", "kind": "rate", "per_second": 0.1,
               "direction": DIRECTIONS[area % 3],
               "match": {"labels": {"group": f"area_{name}", "kind": "pressure"}, **ids(area, RISING)}}
        yield {"name": f"delay_{name}", "kind": "limits", "hi": 70, **DELAYS[area % 4],
               "match": {"devices": [gateway_of(sensor_at(area, DELAYED))]}}
        kind, figure, width, slide, keys = WINDOWS[area % 10]
        window = {"width_ms": width * 240_000, "slide_ms": slide * 240_000}
        if area == LATE_AREA:
            window["lateness_ms"] = 480_000
        yield {"name": f"window_{name}", "kind": kind, "of": figure, "window": window, **keys,
               "match": ids(area, WINDOWED)}
        if area < 50:
            yield {"name": f"flat_{name}", "kind": "flatline", "for_ms": 1_100_000, "tolerance": 0.05,
                   "match": ids(area, FLAT)}


def specials():
    high = {"kind": "limits", "hi": 80}
    kinds = [
        ("three_of_five", 4, {**high, "at_least": 3, "of_last": 5}),
        ("latch", 4, {**high, "latching": True}),
        ("interval", 3, {**high, "min_interval_ms": 1_800_000}),
        ("flap", 3, {**high, "flap_changes": 4, "flap_within_ms": 1_440_000}),
        ("unlike", 4, {"kind": "deviation", "sigmas": 20, "min_readings": 8}),
        ("off_mean", 1, {"kind": "jump", "against": "mean", "ratio": 1.2, "absolute": 5}),
        ("off_average", 1, {"kind": "jump", "against": "average", "ratio": 1.2, "absolute": 5}),
        ("average", 1, {"kind": "limits", "of": "average", "hi": 67}),
    ]
    area = 0
    for kind, count, keys in kinds:
        for number in range(count):
            yield {"name": f"{kind}_{number}", **keys, "match": ids(area, SPECIAL)}, area
            area += 1


def area_of_special(name):
    return next(area for rule, area in specials() if rule["name"] == name)


def reloaded(name, area):
    return {"name": name, "kind": "limits", "hi": 70, "match": ids(area, RELOADED)}


def rules(of_reload):
    """`of_reload` is the one that another takes the place of. The rest are for sensors that are well."""
    many = of_all() + list(of_areas()) + [rule for rule, _ in specials()] + [of_reload]
    calm = [{"name": f"calm_{number}", "kind": "limits", "hi": 150, "lo": 10, "on_delay_ms": 10_000,
             "match": ids(number, (501, 540))} for number in range(RULES - len(many))]
    return many[:300] + calm + many[300:]


FIRST = reloaded("removed", REMOVED_AREA)
SECOND = reloaded("added", ADDED_AREA)


def rules_yaml(of_reload):
    """One rule a line: JSON is YAML."""
    lines = "".join(f"  - {json.dumps(rule)}\n" for rule in rules(of_reload))
    return "rules:\n" + lines
