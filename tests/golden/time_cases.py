# SPDX-License-Identifier: Apache-2.0
"""Silence, windows of event time, and clocks that are wrong."""
from scene import NOTHING, Near

NAN = float("nan")


def by_time(sensor):
    return dict(by="time", cause=NOTHING, sensor=sensor)


def rule_absence(s):
    """silent: five expected intervals of 2 s; silent_long: 20 s.

    A silence is looked at eight times, so it is found up to an eighth after it is one; its event
    time is exact. Sensors that were never heard are silent from the first datagram's tick on.
    """
    pump = dict(subject="Pump", rule="silent", limit=10)
    unheard = dict(subject="Never heard", rule="silent", limit=10)
    silent_long = dict(rule="silent_long", limit=20)
    s.reading(1, 21.5, "0.000000001", received="0.010")
    s.reading(11, 5.0, "1")                       # not of the inventory; looked at every 2.5 s
    s.tick("10.000")
    s.tick("10.010")
    s.expect(0, transition="firing", at="10.010", value=10, reference=None, **by_time(2), **unheard)
    s.tick("11.250")
    s.tick("11.260")                              # 8 * 1.25 from the look that saw it was heard
    s.expect(1, transition="firing", at="10.000000001", value=10, reference=21.5,
             **by_time(1), **pump)
    s.reading(1, 22.5, "12.000000001")
    s.expect(1, transition="resolved", at="12.000000001", value=12, reference=22.5, **pump)
    s.reading(2, 1.0, "13")                       # heard at last: 100 us on the way
    s.expect(0, transition="resolved", at="13", value=12.9901, reference=1, **unheard)
    for at in range(14, 24, 2):                   # as often as expected
        s.reading(1, 22.0, f"{at}")
        s.reading(2, 2.0, f"{at}.5")
    s.tick("23.500")
    s.tick("23.510")                              # 8 * 2.5 from 3.5001
    s.expect(2, transition="firing", at="21", value=20, reference=5, **by_time(11), **silent_long)
    s.reading(11, NAN, "23.600")                  # says nothing, but is there
    s.expect(2, transition="resolved", at="23.600", value=22.6, reference=5, **silent_long)
    for at in range(24, 44, 2):
        s.reading(1, 22.0, f"{at}")
        s.reading(2, 2.0, f"{at}.5")
    # A gap: the reading behind it finds the silences in the order in which they were looked at.
    s.reading(1, 23.0, "44")
    s.reading(1, 24.0, "100")
    s.expect(3, transition="firing", at="54", value=10, reference=23, **by_time(1), **pump)
    s.expect(4, transition="firing", at="52.5", value=10, reference=2, **by_time(2), **unheard)
    s.expect(5, transition="firing", at="43.600", value=20, reference=5, **by_time(11),
             **silent_long)
    s.expect(3, transition="resolved", at="100", value=56, reference=24, **pump)
    s.reading(11, 6.0, "0.5", received="100.1")   # late, but there: as of now
    s.expect(5, transition="resolved", at="43.600", value=0, reference=5, **silent_long)
    s.tick("101")
    s.ends(alarms=3, non_finite=1, late=1)        # sensor 3 has no interval, and is not watched


def rule_windows_tumbling(s):
    """Ten seconds, two of lateness: closed from the reading twelve seconds after its begin on."""
    mean = dict(rule="mean_high", reference=50, limit=50, level="hi")
    s.series(1, (40.0, "0"), (60.0, "9.999999999"))           # a mean of 50 is the limit
    s.series(1, (100.0, "10"), (60.0, "11.999999999"))        # the next window's
    s.reading(1, 20.0, "12")                                  # closes the first
    s.reading(1, 900.0, "9", received="12.1")                 # too late for it
    s.reading(1, 60.0, "10.5", received="12.2")               # late, and taken
    s.reading(1, 10.0, "22")                                  # 240 / 4
    s.expect(0, transition="firing", at="20", value=60, **mean)
    s.tick("32.010")                                   # silence closes as well
    s.expect(0, transition="resolved", at="30", value=10, **by_time(1), **mean)
    # No reading is no mean: what stood is over.
    s.series(1, (70.0, "40"), (80.0, "52"))
    s.expect(1, transition="firing", at="50", value=70, **mean)
    s.tick("62.010")                                   # 80 in the window to 60
    s.reading(1, 90.0, "80")                                  # and none to 70 and to 80
    s.expect(1, transition="resolved", at="70", value=None, **mean)
    s.reading(1, NAN, "81")                                   # is in none
    s.tick("92.010")
    s.expect(2, transition="firing", at="90", value=90, **by_time(1), **mean)
    # Fewer than two readings; of windows without any, too, between others.
    few = dict(rule="few", reference=2, limit=2, level="lo")
    s.series(2, (1.0, "100"), (1.0, "105"), (1.0, "112"))     # two are the limit
    s.reading(2, 1.0, "145")                           # found before it is judged
    s.expect(3, transition="firing", at="120", value=1, **by_time(2), **few)
    s.series(2, (1.0, "146"))
    s.reading(2, 1.0, "152")
    s.expect(3, transition="resolved", at="150", value=2, **few)
    s.tick("170")
    s.expect(4, transition="firing", at="160", value=1, **by_time(2), **few)
    # A rate from first to last, whatever came between: 5 a second is the limit.
    rate = dict(rule="rising", reference=5, limit=5, level="hi")
    s.series(3, (0.0, "200"), (100.0, "202"), (25.0, "205"))
    s.series(3, (0.0, "212"), (12.0, "214"), (0.0, "222"))
    s.expect(5, transition="firing", at="220", value=6, **rate)
    s.tick("232.010")                                  # one reading has no rate
    s.expect(5, transition="resolved", at="230", value=None, **by_time(3), **rate)
    # Of the population: 2 is the limit.
    noisy = dict(rule="noisy", reference=2, limit=2, level="hi")
    s.series(4, (10.0, "300"), (14.0, "301"), (10.0, "312"), (16.0, "313"), (0.0, "322"))
    s.expect(6, transition="firing", at="320", value=3, **noisy)
    s.tick("332.010")
    s.expect(6, transition="resolved", at="330", value=0, **by_time(4), **noisy)
    # Least and greatest, in the order of the rules.
    low = dict(rule="range", reference=0, limit=0, level="lo")
    high = dict(rule="top", reference=100, limit=100, level="hi")
    s.series(5, (0.0, "400"), (100.0, "401"), (-0.5, "412"), (100.5, "413"), (50.0, "422"))
    s.expect(7, transition="firing", at="420", value=-0.5, **low)
    s.expect(8, transition="firing", at="420", value=100.5, **high)
    s.tick("432.010")
    s.expect(7, transition="resolved", at="430", value=50, **by_time(5), **low)
    s.expect(8, transition="resolved", at="430", value=50, **by_time(5), **high)
    # A window's mean against that of the window before: twice is the limit.
    s.series(6, (10.0, "500"), (20.0, "512"), (41.0, "522"), (41.0, "532"))
    s.expect(9, "double", "firing", "530", 41, 20, 2)
    s.tick("542.010")
    s.expect(9, "double", "resolved", "540", 41, 41, 2, **by_time(6))
    # A nanosecond before it closes, what is late is taken.
    s.series(7, (40.0, "600"), (40.0, "611.999999999"))
    s.reading(7, 61.0, "609.5", received="612.0005")
    s.reading(7, 40.0, "612", received="612.001")
    s.expect(10, transition="firing", at="610", value=50.5, **mean)
    s.tick("622.010")
    s.expect(10, transition="resolved", at="620", value=40, **by_time(7), **mean)
    s.ends(alarms=9, non_finite=1, late=3, windows_late=1)    # seven have windows, two stand


def rule_windows_sliding(s):
    """Ten seconds, every five, no lateness."""
    mean = dict(rule="mean_high", reference=50, limit=50, level="hi")
    s.series(1, (40.0, "0"), (40.0, "5"), (70.0, "8"))        # -5 to 5: 40
    s.reading(1, 100.0, "10")                                 # 0 to 10: 50, the limit
    s.reading(1, 20.0, "15")                                  # 5 to 15: 210 / 3
    s.expect(0, transition="firing", at="15", value=70, **mean)
    s.reading(1, 30.0, "24.999999999")                        # 10 to 20: 60
    s.reading(1, 100.0, "25")                                 # 15 to 25: 25
    s.expect(0, transition="resolved", at="25", value=25, **mean)
    s.reading(1, 10.0, "24", received="25.1")                 # in 20 to 30 still
    s.tick("30.200")                                          # 20 to 30: 140 / 3
    s.tick("35.200")                                   # 25 to 35: 100
    s.expect(1, transition="firing", at="35", value=100, **by_time(1), **mean)
    s.reading(1, 99.0, "24", received="36")                   # all its windows are closed
    s.ends(alarms=2, late=2, windows_late=1)


def rule_windows_quantiles(s):
    """Ten seconds; figures within 2 %, and never outside of the readings."""
    for value in range(1, 22):                                # 1 to 21, the middle is 11
        s.reading(1, float(value * 5 % 22), f"0.{value:02}")
    s.reading(1, 4.0, "10")
    s.expect(0, "median_high", "firing", "10", Near(11, 0.02), 10, 10, level="hi")
    s.reading(1, 4.0, "20")
    s.expect(0, "median_high", "resolved", "20", 4, 10, 10, level="hi")
    # Five of twenty are 100: so is what one in ten exceeds, but not the middle.
    for number in range(20):
        s.reading(2, 100.0 if number % 4 == 0 else 1.0, f"30.{number:02}")
    s.reading(2, 1.0, "40")
    s.expect(1, "tail_high", "firing", "40", Near(100, 0.02), 50, 50, level="hi")
    s.tick("50.010")
    s.expect(1, "tail_high", "resolved", "50", 1, 50, 50, level="hi", **by_time(2))
    # Below zero, and zero itself.
    s.series(3, (-5.0, "60"), (-5.0, "61"), (-5.0, "62"), (0.0, "70"))
    s.expect(2, "median_low", "firing", "70", -5, -1, -1, level="lo")
    s.reading(3, 0.0, "71")
    s.tick("80.010")
    s.expect(2, "median_low", "resolved", "80", 0, -1, -1, level="lo", **by_time(3))
    s.ends(alarms=3)


def rule_late_and_clocks(s):
    """hot: above 80; hot_long (sensors 11 to 19): for 10 s. Five seconds ahead are believed."""
    hot = dict(reference=80, limit=80, level="hi")
    s.reading(1, 50.0, "10")
    s.reading(1, 95.0, "9.999999999", received="10.1")        # late
    s.reading(1, 95.0, "10", received="10.2")                 # not late
    s.expect(0, "hot", "firing", "10", 95, **hot)
    s.reading(1, 50.0, "9", received="10.3")                  # late: ends nothing
    s.reading(1, 50.0, "10.000000001", received="10.4")
    s.expect(0, "hot", "resolved", "10.000000001", 50, **hot)
    # Seven late readings are late. The eighth in a row is a clock that was set back.
    s.reading(2, 50.0, "100")
    for number in range(8):
        s.reading(2, 95.0 + number, f"50.{number}", received=f"101.{number}")
    s.expect(1, "hot", "firing", "50.7", 102, **hot)
    s.reading(2, 50.0, "51", received="102")
    s.expect(1, "hot", "resolved", "51", 50, **hot)
    # One in order begins the count anew.
    s.reading(3, 50.0, "103")
    for number in range(7):
        s.reading(3, 95.0, f"60.{number}", received=f"104.{number}")
    s.reading(3, 50.0, "105")
    for number in range(7):
        s.reading(3, 95.0, f"70.{number}", received=f"106.{number}")
    # An alarm goes on by the new clock: 100 becomes 50.7, its ten seconds end at 60.7.
    began = s.reading(11, 95.0, "200")
    s.expect(2, "hot_long", "pending", "200", 95, **hot)
    for number in range(8):
        s.reading(11, 96.0, f"150.{number}", received=f"200.{number + 1}")
    s.tick("210.790")
    s.tick("210.810")
    s.expect(2, "hot_long", "firing", "160.7", 95, by="time", cause=began, **hot)
    s.reading(11, 50.0, "161", received="211.1")
    s.expect(2, "hot_long", "resolved", "161", 50, **hot)
    # Ahead: five seconds are believed, one nanosecond more is taken for the arrival.
    s.reading(4, 95.0, "305", received="300")
    s.expect(3, "hot", "firing", "305", 95, **hot)
    s.reading(5, 95.0, "305.000000001", received="300")
    s.expect(4, "hot", "firing", "300", 95, **hot)
    s.reading(5, 95.0, "999999", received="301")
    s.reading(5, 50.0, "301.000000001", received="302")       # nothing of it is left
    s.expect(4, "hot", "resolved", "301.000000001", 50, **hot)
    s.ends(alarms=1, late=2 + 7 + 14 + 7, clock_steps=2, clamped=2)


SCENES = {
    "rule_absence": rule_absence, "rule_windows_tumbling": rule_windows_tumbling,
    "rule_windows_sliding": rule_windows_sliding, "rule_windows_quantiles": rule_windows_quantiles,
    "rule_late_and_clocks": rule_late_and_clocks,
}
