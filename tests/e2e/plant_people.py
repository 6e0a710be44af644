# SPDX-License-Identifier: Apache-2.0
"""What people do in the plant of plant_test.py, after which round, and what it must cause. An order's
event time is the alarm's own clock, which goes on with the wall clock from the reading that last
changed it: known to a span."""
from plant_layout import ROUNDS, SECOND, sensor_at, time_of
from plant_faults import special
from plant_rules import ADDED_AREA, REMOVED_AREA

SHELVED_AT_REST = sensor_at(40, 7)
SHELVED_STANDING = sensor_at(41, 7)
SHELVED_FOR_MINUTES = sensor_at(42, 7)
SHELVED_AT_END = sensor_at(46, 7)
ADDED = sensor_at(ADDED_AREA, 755)
REMOVED = sensor_at(REMOVED_AREA, 755)
RELOAD_AFTER = 16
LATCH = [special(f"latch_{number}") for number in range(4)]

ORDERS = {  # after round: [(words of the command, how many alarms)]
    9: [(["shelve", "--rule", "hi_40", "--sensor", SHELVED_AT_REST, "--for", "8h"], 2),
        (["shelve", "--rule", "hi_41", "--sensor", SHELVED_STANDING, "--for", "8h"], 2),
        (["shelve", "--rule", "hi_42", "--sensor", SHELVED_FOR_MINUTES, "--for", "10m"], 2)],
    14: [(["unshelve", "--rule", "hi_40", "--sensor", SHELVED_AT_REST], 2),
         (["unshelve", "--sensor", SHELVED_STANDING], 2),
         (["ack", "--rule", "latch_0"], 1),
         (["ack", "--sensor", LATCH[1]], 1)],
    ROUNDS - 1: [(["shelve", "--sensor", SHELVED_AT_END, "--rule", "hi_46", "--for", "1h"], 2)],
}


def span(sensor, changed, ordered):
    return time_of(sensor, changed), time_of(sensor, ordered) + 60 * SECOND


def plant_people(book):
    shelves(book)
    latches(book)
    rules_changed(book)


def shelves(book):
    sensor = SHELVED_AT_REST
    book.say(sensor, range(11, 18), 80)
    book.expect("hi_40", sensor, "firing", span(sensor, 11, 14), "hi")  # with the shelf's end
    book.expect("hi_40", sensor, "resolved", time_of(sensor, 18), "hi")

    sensor = SHELVED_STANDING
    book.say(sensor, range(8, 11), 80)
    book.expect("hi_41", sensor, "firing", time_of(sensor, 8), "hi")
    book.expect("hi_41", sensor, "shelved", span(sensor, 8, 9), "hi")
    book.expect("hi_41", sensor, "unshelved", span(sensor, 11, 14), "hi")
    book.expect("hi_41", sensor, "resolved", span(sensor, 11, 14), "hi")

    sensor = SHELVED_FOR_MINUTES
    book.say(sensor, range(8, 13), 80)
    first, last = span(sensor, 8, 9)
    book.expect("hi_42", sensor, "firing", time_of(sensor, 8), "hi")
    book.expect("hi_42", sensor, "shelved", (first, last), "hi")
    book.expect("hi_42", sensor, "unshelved", (first + 600 * SECOND, last + 600 * SECOND), "hi")
    book.expect("hi_42", sensor, "resolved", time_of(sensor, 13), "hi")

    sensor = SHELVED_AT_END
    book.say(sensor, range(25, ROUNDS), 80)
    book.expect("hi_46", sensor, "firing", time_of(sensor, 25), "hi")
    book.expect("hi_46", sensor, "shelved", span(sensor, 25, ROUNDS - 1), "hi")


def latches(book):
    """The first is over when it is acknowledged, the second is not, the third nobody sees."""
    sensor = LATCH[0]
    book.say(sensor, range(6, 9), 90)
    book.expect("latch_0", sensor, "firing", time_of(sensor, 6), "hi")
    for transition in ("acknowledged", "resolved"):
        book.expect("latch_0", sensor, transition, span(sensor, 9, 14), "hi")

    sensor = LATCH[1]
    book.say(sensor, range(10, 21), 90)
    book.expect("latch_1", sensor, "firing", time_of(sensor, 10), "hi")
    book.expect("latch_1", sensor, "acknowledged", span(sensor, 10, 14), "hi")
    book.expect("latch_1", sensor, "resolved", time_of(sensor, 21), "hi")

    sensor = LATCH[2]
    book.say(sensor, range(10, 13), 90)
    book.expect("latch_2", sensor, "firing", time_of(sensor, 10), "hi")


def expect_acknowledged_by_id(book, ordered):
    book.expect("latch_3", LATCH[3], "acknowledged", span(LATCH[3], 12, ordered), "hi")


def rules_changed(book):
    """One rule goes with its alert, one comes to a sensor that has long been too high."""
    book.say(LATCH[3], range(12, ROUNDS), 90)
    book.expect("latch_3", LATCH[3], "firing", time_of(LATCH[3], 12), "hi")
    book.say(REMOVED, range(12, ROUNDS), 72)
    book.expect("removed", REMOVED, "firing", time_of(REMOVED, 12), "hi")
    book.expect("removed", REMOVED, "resolved", span(REMOVED, 12, RELOAD_AFTER), "hi")
    book.say(ADDED, range(10, ROUNDS), 72)
    book.expect("added", ADDED, "firing", time_of(ADDED, RELOAD_AFTER + 1), "hi")
