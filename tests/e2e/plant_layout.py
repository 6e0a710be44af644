# SPDX-License-Identifier: Apache-2.0
"""The plant of plant_test.py: 100,000 sensors, where they are, what they measure when all is well, and
what the clock says in each round of readings. Knows no rules and no faults.

Sensors 1 to 99,921 speak through 1,753 gateways of 57 sensors each, all of them once in each round. A
round is four minutes of plant time, so that hours pass in seconds. The last 79 sensors are watched for
silence and live by the wall clock (plant_gateway.py)."""
import time

SENSORS = 100_000
SENSORS_OF_GATEWAY = 57
GATEWAYS = 1753
ROUND_SENSORS = GATEWAYS * SENSORS_OF_GATEWAY
ROUNDS = 32
AREAS = 100
SECOND = 1_000_000_000
STEP = 240 * SECOND
# Windows begin at multiples of their slide: so does the plant.
BEGIN = (int(time.time()) - 3 * 3600) // 1920 * 1920 * SECOND

# The last sensors: those that speak, those that never do, those with an expected interval.
BEATING = range(99_922, 99_952)
MUTE = range(99_952, 99_962)
SLOW = range(99_962, 99_982)

KINDS = ["temperature", "pressure", "flow", "level", "vibration"]


def sensor_at(area, offset):
    """`offset` is 1 to 1000."""
    return area * 1000 + offset


def area_of(sensor):
    return f"area_{(sensor - 1) // 1000:02}"


def offset_of(sensor):
    return (sensor - 1) % 1000 + 1


def kind_of(sensor):
    """Hundreds of an area are of one kind."""
    return KINDS[(offset_of(sensor) - 1) // 100 % 5]


def unit_of(sensor):
    return {"pressure": "bar", "temperature": "°C"}.get(kind_of(sensor), "")


def name_of(sensor):
    return f"{kind_of(sensor)[:2].upper()}-{sensor}"


def gateway_of(sensor):
    return (sensor - 1) // SENSORS_OF_GATEWAY + 1


def base_of(sensor):
    return 50.0 + sensor % 11


def normal(sensor, number):
    """Never the same twice in a row, within 0.2 of the base."""
    return base_of(sensor) + (number * 7 + sensor) % 5 * 0.1 - 0.2


def begin_of(number):
    """Of a round, and of the windows that begin with it."""
    return BEGIN + number * STEP


def time_of(sensor, number):
    """A gateway's clock is a millisecond after that of the one before."""
    return begin_of(number) + gateway_of(sensor) * 1_000_000


def has_own_limits(sensor):
    return offset_of(sensor) > 900 and sensor <= ROUND_SENSORS


def own_limits(sensor):
    """hihi, hi, lo, lolo in the inventory."""
    high = 80 + sensor % 3
    return high + 10, high, 35, 28


def labels_of(sensor):
    """By the inventory's columns, as they stand there."""
    watched = sensor in BEATING or sensor in MUTE
    return {"group": area_of(sensor), "kind": kind_of(sensor),
            "watch": "beat" if watched else "slow" if sensor in SLOW else "",
            "cell": cell_of(sensor) if watched else ""}


def inventory():
    """The CSV file."""
    lines = ["id,name,unit,expected_interval_s,hihi,hi,lo,lolo,group,kind,watch,cell"]
    for sensor in range(1, SENSORS + 1):
        limits = ",".join(str(x) for x in own_limits(sensor)) if has_own_limits(sensor) else ",,,"
        interval = "2" if sensor in SLOW else ""
        labels = ",".join(labels_of(sensor).values())
        lines.append(f"{sensor},{name_of(sensor)},{unit_of(sensor)},{interval},{limits},{labels}")
    return "\n".join(lines) + "\n"


def cell_of(sensor):
    return f"cell_{(sensor - BEATING.start) // 10}"
