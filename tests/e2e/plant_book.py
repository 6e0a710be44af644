# SPDX-License-Identifier: Apache-2.0
"""The plant's own bookkeeping: what its sensors were made to say, and which transitions that must cause.
Knows nothing of how Roda judges."""
import collections
import math

from plant_layout import time_of

Expected = collections.namedtuple("Expected", "rule level subject transition at")
# `subject`: a sensor's number or a group's name. `at`: its event time, or (first, last) of where the
# wall clock has a say.


class Book:
    """`in_order`: what one gateway says is judged after what the one before it said."""

    def __init__(self, in_order):
        self.in_order = in_order
        self.values = {}    # (sensor, round): what it says instead; None: nothing
        self.late = {}      # round: [(sensor, value, time)] that come after it
        self.expected = []

    def say(self, sensor, rounds, value):
        for number in rounds:
            self.values[sensor, number] = value

    def say_late(self, after_round, sensor, value, at):
        self.late.setdefault(after_round, []).append((sensor, value, at))

    def expect(self, rule, subject, transition, at, level=None):
        self.expected.append(Expected(rule, level, subject, transition, at))

    def one_of(self, times, which):
        """When a group's alert comes or goes with one of its sensors: where they race, with any."""
        return times[which] if self.in_order else (times[0], times[-1])

    def comes_and_goes(self, rule, sensor, first, end, level=None):
        """Fires and resolves with the readings of these rounds."""
        self.expect(rule, sensor, "firing", time_of(sensor, first), level)
        self.expect(rule, sensor, "resolved", time_of(sensor, end), level)

    def non_finite(self):
        return sum(value is not None and not math.isfinite(value) for value in self.values.values())

    def standing(self):
        """(rule, level, subject) of the alerts that have fired and not ended, not shelved."""
        stands = {}
        for one in sorted(self.expected, key=lambda one: earliest(one.at)):
            stands[one[:3]] = one.transition in ("firing", "flapping", "acknowledged", "unshelved")
        return {key for key, is_so in stands.items() if is_so}


def earliest(at):
    return at[0] if isinstance(at, tuple) else at


def matches(at, event_ns):
    return at[0] <= event_ns <= at[1] if isinstance(at, tuple) else at == event_ns


def differences(expected, seen):
    """([expected ones that are missing], [seen ones that nobody expected]); `seen` like Expected."""
    left = collections.defaultdict(list)
    for one in seen:
        left[one[:4]].append(one)
    missing = []
    # The exact ones first: a span must not take what an exact one waits for.
    for one in sorted(expected, key=lambda one: isinstance(one.at, tuple)):
        candidates = left[one[:4]]
        found = next((other for other in candidates if matches(one.at, other.at)), None)
        if found is None:
            missing.append(one)
        else:
            candidates.remove(found)
    return missing, [one for rest in left.values() for one in rest]
