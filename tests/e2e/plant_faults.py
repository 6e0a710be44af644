# SPDX-License-Identifier: Apache-2.0
"""The faults of plant_test.py, and what each must cause: written by hand from deploy/rules.md. Faults
that people have a part in are in plant_people.py."""
import math

from plant_layout import (AREAS, ROUNDS, SECOND, area_of, base_of, begin_of, own_limits, sensor_at,
                          time_of)
from plant_rules import DELAYED, LATE_AREA, SPECIAL, area_of_special

SHELF_AREAS = [40, 41, 42, 46]  # of plant_people.py
STANDING_AREA = 45
GROUP_AREAS = [area for area in range(AREAS) if area % 10 == 3]
STANDING_GROUP_AREA = 53


def first_round(area):
    return 6 + area % 9


def plant_faults(book):
    for area in range(AREAS):
        if area not in SHELF_AREAS:
            too_high(book, area)
        too_fast(book, area)
        delayed(book, area)
        windowed(book, area)
        beyond_own_limits(book, area)
        broken(book, area)
        if area < 50:
            stuck(book, area)
    late(book)
    specials(book)


def too_high(book, area):
    rule, begin = f"hi_{area:02}", first_round(area)
    low, edge = sensor_at(area, 21), sensor_at(area, 22)
    book.say(low, [begin + 1], 22)
    book.comes_and_goes(rule, low, begin + 1, begin + 2, "lo")
    book.say(edge, [begin], 75)  # the limit itself is within it
    if area in GROUP_AREAS:
        trouble(book, area, rule, begin)
        return
    sensor = sensor_at(area, 7)
    if area == STANDING_AREA:
        book.say(sensor, range(25, ROUNDS), 80)
        book.expect(rule, sensor, "firing", time_of(sensor, 25), "hi")
        return
    book.say(sensor, range(begin, begin + 3), 80)
    book.say(sensor, [begin + 3], 74)  # within the deadband
    book.comes_and_goes(rule, sensor, begin, begin + 4, "hi")


def trouble(book, area, rule, begin):
    """Four sensors of an area at once, of which three make a group's alert."""
    sensors = [sensor_at(area, offset) for offset in (10, 30, 50, 98)]
    is_last = area == STANDING_GROUP_AREA
    if is_last:
        begin = 24
    for sensor in sensors:
        book.say(sensor, range(begin, ROUNDS if is_last else begin + 3), 80)
        book.expect(rule, sensor, "firing", time_of(sensor, begin), "hi")
        if not is_last:
            book.expect(rule, sensor, "resolved", time_of(sensor, begin + 3), "hi")
    times = lambda number: [time_of(sensor, number) for sensor in sensors]
    group = area_of(sensors[0])
    book.expect("area_trouble", group, "firing", book.one_of(times(begin), 2))
    if not is_last:
        book.expect("area_trouble", group, "resolved", book.one_of(times(begin + 3), 1))


def too_fast(book, area):
    """Up by 40 for one round: 0.167 a second, and down again."""
    rule, begin, sensor = f"rate_{area:02}", first_round(area), sensor_at(area, 150)
    book.say(sensor, [begin], base_of(sensor) + 40)
    first, end = [(begin, begin + 2), (begin, begin + 1), (begin + 1, begin + 2)][area % 3]
    book.comes_and_goes(rule, sensor, first, end)


def delayed(book, area):
    rule, begin, sensor = f"delay_{area:02}", first_round(area), sensor_at(area, DELAYED)
    tell = lambda transition, number, after=0: book.expect(
        rule, sensor, transition, time_of(sensor, number) + after * SECOND // 10, "hi")
    if area % 4 == 0:
        book.say(sensor, range(begin, begin + 5), 72)
        tell("pending", begin)
        tell("firing", begin, 6000)
        tell("resolved", begin + 5)
        short = sensor + 1
        book.say(short, range(begin, begin + 2), 72)
        book.expect(rule, short, "pending", time_of(short, begin), "hi")
        book.expect(rule, short, "cancelled", time_of(short, begin + 2), "hi")
    elif area % 4 == 1:
        book.say(sensor, range(begin, begin + 3), 72)
        tell("firing", begin)
        tell("resolved", begin + 3, 15)
    elif area % 4 == 2:
        book.say(sensor, range(begin, begin + 4), 72)
        book.say(sensor, range(begin + 5, begin + 7), 72)  # gone for one round: never gone
        book.say(sensor, [begin + 12], 72)
        tell("pending", begin)
        tell("firing", begin, 6000)
        tell("resolved", begin + 7, 6000)
        tell("pending", begin + 12)
        tell("cancelled", begin + 13)
    else:
        book.say(sensor, range(begin, begin + 3), 72)
        tell("pending", begin)
        tell("firing", begin, 20)
        tell("resolved", begin + 3)


def windowed(book, area):
    """Round `b` begins windows of every shape. What one high reading may not do, a neighbour shows."""
    rule, sensor, kind = f"window_{area:02}", sensor_at(area, 705), area % 10
    b = 8 + 8 * (area // 10 % 2)
    first, end, level = b + 4, b + 8, "hi"
    if kind in (0, 9):
        book.say(sensor, range(b, b + 4), 120)
        book.say(sensor + 1, [b], 120)
    elif kind == 1:
        book.say(sensor, [b + 1, b + 2], 120)
        book.say(sensor + 1, [b + 1], 120)
        first, end = b + 3, b + 6  # each window with both of them
    elif kind == 2:
        book.say(sensor, [b + 1], 100)
    elif kind == 3:
        for i in range(4):
            book.say(sensor, [b + i], base_of(sensor) + 10 * i)
    elif kind == 4:
        book.say(sensor, range(b, b + 4), 100)
        end = b + 12
    elif kind == 5:
        book.say(sensor, [b + 1, b + 2], None)
        level = "lo"
    elif kind == 6:
        book.say(sensor, range(b, b + 4), 95)
        level = None
    elif kind == 7:
        for i in range(4):
            book.say(sensor, [b + i], base_of(sensor) + (15 if i % 2 else -15))
    else:
        book.say(sensor, [b + 2], 22)
        level = "lo"
    book.expect(rule, sensor, "firing", begin_of(first), level)
    book.expect(rule, sensor, "resolved", begin_of(end), level)


def late(book):
    """Three of them: one comes while its windows are open, one when they are closed, one has none."""
    rule, sensor = f"window_{LATE_AREA:02}", sensor_at(LATE_AREA, 708)
    book.say_late(12, sensor, 100, time_of(sensor, 9) + SECOND)
    book.expect(rule, sensor, "firing", begin_of(12), "hi")
    book.expect(rule, sensor, "resolved", begin_of(16), "hi")
    book.say_late(24, sensor, 100, time_of(sensor, 9) + SECOND)
    book.say_late(12, sensor_at(7, 60), 80, time_of(sensor_at(7, 60), 9) + SECOND)


def beyond_own_limits(book, area):
    sensor = sensor_at(area, 915)
    hihi, hi, lo, lolo = own_limits(sensor)
    if area in (70, 71):  # stand at the end
        book.say(sensor, [26], hi + 5)
        book.say(sensor, range(27, ROUNDS), hihi + 3)
        book.expect("own_limits", sensor, "firing", time_of(sensor, 26), "hi")
        book.expect("own_limits", sensor, "firing", time_of(sensor, 27), "hihi")
        return
    inner, outer, levels = (hi + 5, hihi + 3, ("hi", "hihi"))
    if area % 2 == 1:
        inner, outer, levels = (lo - 2, lolo - 2, ("lo", "lolo"))
    begin = first_round(area)
    for number, value in enumerate([inner, outer, inner]):
        book.say(sensor, [begin + number], value)
    book.comes_and_goes("own_limits", sensor, begin, begin + 3, levels[0])
    book.comes_and_goes("own_limits", sensor, begin + 1, begin + 2, levels[1])


def broken(book, area):
    sensor, begin = sensor_at(area, 820), first_round(area)
    if area % 5 == 0:
        book.say(sensor, [begin], math.nan)
    elif area % 5 == 1:
        book.say(sensor, [begin], -math.inf)
    elif area % 5 == 2:
        book.say(sensor, [begin], 600)  # a jump as well: there, not back
        book.comes_and_goes("value_jump", sensor, begin, begin + 1)
    else:
        return
    book.comes_and_goes("broken", sensor, begin, begin + 1)


def stuck(book, area):
    rule, begin, sensor = f"flat_{area:02}", first_round(area), sensor_at(area, 725)
    book.say(sensor, range(begin, begin + 8), base_of(sensor) + 0.5)
    book.say(sensor + 1, range(begin, begin + 5), base_of(sensor) + 0.5)  # not for long enough
    book.expect(rule, sensor, "firing", time_of(sensor, begin) + 1100 * SECOND)
    book.expect(rule, sensor, "resolved", time_of(sensor, begin + 8))


def special(name, offset=5):
    return sensor_at(area_of_special(name), SPECIAL[0] + offset)


def specials(book):
    for number, begin in enumerate([7, 9, 11, 15]):  # the last one over the reload
        rule = f"three_of_five_{number}"
        sensor = special(rule)
        book.say(sensor, [begin, begin + 2, begin + 3], 90)
        book.comes_and_goes(rule, sensor, begin + 3, begin + 5, "hi")
        book.say(sensor + 1, [begin, begin + 4, begin + 6], 90)  # never three within five
    intervals(book)
    flapping(book)
    unlike(book)


def intervals(book):
    """From one firing to the next at least 7.5 rounds: over the reload with the last one."""
    for number, begin in enumerate([5, 7, 12]):
        rule = f"interval_{number}"
        sensor = special(rule)
        book.say(sensor, [begin], 90)
        book.say(sensor, range(begin + 3, begin + 11), 90)
        book.comes_and_goes(rule, sensor, begin, begin + 1, "hi")
        book.expect(rule, sensor, "pending", time_of(sensor, begin + 3), "hi")
        book.expect(rule, sensor, "firing", time_of(sensor, begin) + 1800 * SECOND, "hi")
        book.expect(rule, sensor, "resolved", time_of(sensor, begin + 11), "hi")


def flapping(book):
    for number, begin in enumerate([6, 13, 26]):
        rule = f"flap_{number}"
        sensor = special(rule)
        book.say(sensor, [begin, begin + 2], 90)
        book.comes_and_goes(rule, sensor, begin, begin + 1, "hi")
        book.expect(rule, sensor, "firing", time_of(sensor, begin + 2), "hi")
        book.expect(rule, sensor, "flapping", time_of(sensor, begin + 3), "hi")
        if begin == 26:
            continue
        # Once more, then steady for six rounds; the next time says so.
        book.say(sensor, [begin + 4, begin + 13], 90)
        book.expect(rule, sensor, "resolved", time_of(sensor, begin + 11), "hi")
        book.comes_and_goes(rule, sensor, begin + 13, begin + 14, "hi")


def unlike(book):
    for number, begin in enumerate([9, 12, 15, 16]):
        rule = f"unlike_{number}"
        sensor = special(rule)
        book.say(sensor, [begin], base_of(sensor) + 12)
        book.say(sensor + 1, [5], base_of(sensor) + 12)  # too few readings to judge by
        book.comes_and_goes(rule, sensor, begin, begin + 1)
    for rule in ("off_mean_0", "off_average_0"):
        sensor = special(rule)
        book.say(sensor, [9, 10], base_of(sensor) + 20)
        book.comes_and_goes(rule, sensor, 9, 11)
    # From a base of 60: 60 + 0.1 * 90 = 69; then 68.1, 67.3, 66.6.
    sensor = next(sensor for sensor in range(special("average_0", 0), special("average_0", 10))
                  if base_of(sensor) == 60)
    book.say(sensor, [9], 150)
    book.comes_and_goes("average_0", sensor, 9, 12, "hi")
