# SPDX-License-Identifier: Apache-2.0
"""One case for each kind of condition that readings decide, at its boundaries."""
import math

GREATEST = 1.7976931348623157e308
NAN = math.nan
INFINITE = math.inf


def rule_limits(s):
    hot = dict(level="hi", reference=80, limit=80)
    very_hot = dict(level="hihi", severity="critical", reference=90, limit=90)
    cold = dict(level="lo", reference=10, limit=10)
    very_cold = dict(level="lolo", severity="critical", reference=0, limit=0)
    s.reading(1, 85.0, "0")                       # a first reading is judged by limits
    s.expect(0, "hot", "firing", "0", 85, **hot)
    s.reading(1, 80.0, "1")                       # within the deadband
    s.reading(1, 75.0, "2.000000001")             # hi - deadband: gone
    s.expect(0, "hot", "resolved", "2.000000001", 75, **hot)
    s.reading(1, 80.0, "3")                       # equal to the limit is within it
    s.reading(1, math.nextafter(80, 81), "4")
    s.expect(1, "hot", "firing", "4", math.nextafter(80, 81), **hot)
    s.reading(1, 90.0, "5")                       # equal to hihi
    s.reading(1, 95.0, "6")
    s.expect(2, "hot", "firing", "6", 95, **very_hot)
    s.reading(1, -5.0, "7")                       # through all levels at once: in their order
    s.expect(2, "hot", "resolved", "7", -5, **very_hot)
    s.expect(1, "hot", "resolved", "7", -5, **hot)
    s.expect(3, "hot", "firing", "7", -5, **cold)
    s.expect(4, "hot", "firing", "7", -5, **very_cold)
    s.reading(1, 4.999, "8")                      # lolo's deadband ends at 5
    s.reading(1, 5.0, "9")
    s.expect(4, "hot", "resolved", "9", 5, **very_cold)
    s.reading(1, 14.999, "10")
    s.reading(1, 15.0, "11")
    s.expect(3, "hot", "resolved", "11", 15, **cold)
    s.reading(1, 10.0, "12")                      # equal to lo
    s.reading(1, 0.0, "13")                       # below lo, equal to lolo
    s.expect(5, "hot", "firing", "13", 0, **cold)
    s.reading(1, -0.0, "14")                      # no less than 0
    s.series(1, (NAN, "15"), (INFINITE, "16"), (-INFINITE, "17"))   # no numbers: nobody's limit
    s.reading(1, 50.0, "18")
    s.expect(5, "hot", "resolved", "18", 50, **cold)
    s.reading(2, 85.0, "19", sequence=5)
    s.expect(6, "hot", "firing", "19", 85, **hot)
    s.reading(2, 85.0, "19", received="19.001", sequence=5, refused=True)   # a duplicate datagram
    s.reading(3, 50.0, "20")
    s.reading(3, 95.0, "19.999999999", received="20.001")    # late: not judged
    s.reading(3, 95.0, "20", received="20.002")              # of the same time as the newest: is
    s.expect(7, "hot", "firing", "20", 95, **very_hot)
    s.expect(8, "hot", "firing", "20", 95, **hot)
    s.reading(4, GREATEST, "21")
    s.expect(9, "hot", "firing", "21", GREATEST, **very_hot)
    s.expect(10, "hot", "firing", "21", GREATEST, **hot)
    s.reading(4, -GREATEST, "7221")                          # two hours later
    s.expect(9, "hot", "resolved", "7221", -GREATEST, **very_hot)
    s.expect(10, "hot", "resolved", "7221", -GREATEST, **hot)
    s.expect(11, "hot", "firing", "7221", -GREATEST, **cold)
    s.expect(12, "hot", "firing", "7221", -GREATEST, **very_cold)
    # Means: 40, 60, 40, 50 (the limit), then averages: 40, 55, 47.5.
    of_mean = dict(level="hi", reference=50, limit=50)
    s.series(11, (40.0, "7230"), (80.0, "7231"))
    s.expect(13, "mean_high", "firing", "7231", 60, **of_mean)
    s.reading(11, 0.0, "7232")
    s.expect(13, "mean_high", "resolved", "7232", 40, **of_mean)
    s.reading(11, 80.0, "7233")
    s.series(12, (40.0, "7240"), (70.0, "7241"))
    s.expect(14, "average_high", "firing", "7241", 55, **of_mean)
    s.reading(12, 40.0, "7242")
    s.expect(14, "average_high", "resolved", "7242", 47.5, **of_mean)
    s.ends(alarms=5, non_finite=3, late=1, duplicate=1)      # of sensors 2, 3, 3, 4 and 4


def rule_rate(s):
    fast = dict(limit=10)
    s.series(1, (0.0, "0"), (10.0, "1"))       # the first is not judged; 10 is the limit
    s.reading(1, 15.5, "1.5")
    s.expect(0, "fast", "firing", "1.5", 11, 10, **fast)
    s.reading(1, 100.0, "1.5", received="1.501")  # no time has passed: not judged
    s.reading(1, 105.0, "2.5")
    s.expect(0, "fast", "resolved", "2.5", 5, 100, **fast)
    s.reading(1, 85.0, "3.5")
    s.expect(1, "fast", "firing", "3.5", -20, 105, **fast)
    s.reading(1, 75.0, "4.5")
    s.expect(1, "fast", "resolved", "4.5", -10, 85, **fast)
    s.reading(1, 36075.0, "3604.5")               # 36,000 in an hour: 10 a second
    # A counter that wraps: a fall like any other, but to a rule that looks for rises.
    for sensor, at in ((2, 4000), (11, 4010), (12, 4020)):
        s.series(sensor, (4294967290.0, f"{at}"), (4294967295.0, f"{at + 1}"))
        s.reading(sensor, 3.0, f"{at + 2}")
        if sensor != 11:
            rule = {2: "fast", 12: "falling"}[sensor]
            s.expect({2: 2, 12: 4}[sensor], rule, "firing", f"{at + 2}", -4294967292, 4294967295,
                     **fast)
        s.reading(sensor, 25.0, f"{at + 3}")      # 22 a second up
        if sensor == 11:
            s.expect(3, "rising", "firing", f"{at + 3}", 22, 3, **fast)
        if sensor == 12:
            s.expect(4, "falling", "resolved", f"{at + 3}", 22, 3, **fast)
    # What is no number, or late, is no reading before.
    s.series(3, (0.0, "5000"), (NAN, "5001"), (30.0, "5002"))
    s.expect(5, "fast", "firing", "5002", 15, 0, **fast)
    s.reading(3, 0.0, "5001.5", received="5002.1")
    s.reading(3, 50.0, "5003")                    # 20 a second from 30, not from 0
    s.reading(3, 50.0, "5004")
    s.expect(5, "fast", "resolved", "5004", 0, 50, **fast)
    s.series(4, (0.0, "6000"), (1000.0, "6000"))  # both of one time, and then no change
    s.reading(4, 1000.0, "6001")
    s.reading(5, 0.0, "6100")
    s.reading(5, 1.0, "6100.000000001")           # one in a nanosecond
    s.expect(6, "fast", "firing", "6100.000000001", 1 / (1 / 1e9), 0, **fast)
    s.ends(alarms=3, non_finite=1, late=1)        # of sensors 2, 11 and 5


def rule_jump(s):
    step = dict(limit=1.5)
    s.series(1, (10.0, "0"), (15.0, "1"))         # half of 10 is the limit
    s.reading(1, 23.0, "2.123456789")             # 8 > 7.5
    s.expect(0, "step", "firing", "2.123456789", 23, 15, **step)
    s.reading(1, 23.0, "3")
    s.expect(0, "step", "resolved", "3", 23, 23, **step)
    s.reading(1, 11.5, "4")                       # falls by half: the limit
    s.reading(1, 5.5, "5")                        # 6 > 5.75
    s.expect(1, "step", "firing", "5", 5.5, 11.5, **step)
    s.reading(1, 50.0, "6")                       # and up: goes on
    s.reading(1, 50.0, "7")
    s.expect(1, "step", "resolved", "7", 50, 50, **step)
    s.series(2, (3.0, "10"), (5.0, "11"))         # 2 > 1.5, but no more than `absolute`
    s.series(3, (0.0, "12"), (0.0, "13"), (2.0, "14"), (0.0, "15"), (-0.0, "16"))
    s.reading(3, 2.5, "17")                       # from 0 any ratio
    s.expect(2, "step", "firing", "17", 2.5, -0.0, **step)
    s.reading(3, 0.0, "18")                       # 2.5 down: more than half of it, and than 2
    s.reading(3, 0.0, "19")
    s.expect(2, "step", "resolved", "19", 0, 0, **step)
    s.series(4, (-10.0, "20"), (-15.0, "21"))     # half of the size
    s.reading(4, -23.0, "22")
    s.expect(3, "step", "firing", "22", -23, -15, **step)
    s.reading(4, NAN, "23")                       # says nothing
    s.reading(4, -23.5, "24")
    s.expect(3, "step", "resolved", "24", -23.5, -23, **step)
    s.reading(5, -GREATEST, "25")
    s.reading(5, GREATEST, "26")                  # further than the greatest number
    s.expect(4, "step", "firing", "26", GREATEST, -GREATEST, **step)
    s.reading(5, GREATEST, "27")
    s.expect(4, "step", "resolved", "27", GREATEST, GREATEST, **step)
    s.series(6, (10.0, "28"), (INFINITE, "29"), (10.0, "30"))
    # Against what was known before: means 10, 15, 21; averages (half and half) 10, 15, 23.
    s.series(11, (10.0, "40"), (20.0, "41"))      # twice the mean is the limit
    s.reading(11, 33.0, "42")
    s.expect(5, "from_mean", "firing", "42", 33, 15, limit=2)
    s.reading(11, 21.0, "43")
    s.expect(5, "from_mean", "resolved", "43", 21, 21, limit=2)
    s.series(12, (10.0, "44"), (20.0, "45"))
    s.reading(12, 31.0, "46")
    s.expect(6, "from_average", "firing", "46", 31, 15, limit=2)
    s.reading(12, 23.0, "47")
    s.expect(6, "from_average", "resolved", "47", 23, 23, limit=2)
    s.series(13, (10.0, "48"))
    s.reading(13, 30.0, "49")                     # the mean itself goes from 10 to 20
    s.expect(7, "mean_itself", "firing", "49", 20, 10, limit=1.5)
    s.reading(13, 20.0, "50")
    s.expect(7, "mean_itself", "resolved", "50", 20, 20, limit=1.5)
    s.series(14, (1000.0, "51"), (1010.0, "52"))  # ratio 1: the distance alone, 10 is the limit
    s.reading(14, 999.5, "53")
    s.expect(8, "far", "firing", "53", 999.5, 1010, limit=1)
    s.series(15, (10.0, "54"), (1.0, "55"))       # a fall is none
    s.reading(15, 3.0, "56")
    s.expect(9, "up", "firing", "56", 3, 1, limit=2)
    s.reading(15, 0.5, "57")
    s.expect(9, "up", "resolved", "57", 0.5, 3, limit=2)
    s.reading(16, 10.0, "60")
    s.reading(16, 90.0, "59.999999999", received="60.1")     # late: neither judged nor a reference
    s.reading(16, 14.0, "61")
    s.ends(alarms=1, non_finite=2, late=1)        # of sensor 14


def rule_deviation(s):
    unusual = dict(limit=2)
    # ewma_weight 0.5: average 10, then 12 with variance 4; four readings before it judges.
    s.series(1, (10.0, "0"), (10.0, "1"), (10.0, "2"), (14.0, "3"))
    s.reading(1, 16.0, "4")                       # two deviations are the limit; now 14, and 6
    s.reading(1, 19.0, "5.5")                     # 25 > 4 * 6; now 16.5
    s.expect(0, "unusual", "firing", "5.5", 19, 14, **unusual)
    s.reading(1, 16.5, "6")
    s.expect(0, "unusual", "resolved", "6", 16.5, 16.5, **unusual)
    # Of a variance of 0 any difference is one.
    s.series(2, (5.0, "10"), (5.0, "11"), (5.0, "12"), (5.0, "13"), (5.0, "14"))
    s.reading(2, 5.5, "15")
    s.expect(1, "unusual", "firing", "15", 5.5, 5, **unusual)
    s.reading(2, NAN, "16")
    s.reading(2, 5.25, "17")
    s.expect(1, "unusual", "resolved", "17", 5.25, 5.25, **unusual)
    s.series(3, (5.0, "20"), (5.0, "21"), (5.0, "22"), (500.0, "23"))    # three before it: too few
    s.reading(3, 252.5, "24")                     # the average
    s.series(4, (-5.0, "30"), (-5.0, "31"), (-5.0, "32"), (-5.0, "33"))
    s.reading(4, -500.0, "32.5", received="33.1")                        # late: changes nothing
    s.reading(4, -4.5, "34")
    s.expect(2, "unusual", "firing", "34", -4.5, -5, **unusual)
    s.reading(4, -4.75, "35")
    s.expect(2, "unusual", "resolved", "35", -4.75, -4.75, **unusual)
    s.series(5, (0.0, "40"), (0.0, "41"), (0.0, "42"), (-0.0, "43"), (0.0, "44"))
    s.ends(alarms=0, non_finite=1, late=1)


def rule_flatline(s):
    stuck = dict(limit=10)
    s.series(1, (20.0, "0"), (20.5, "3"), (20.5, "9.999999999"))   # as far as it may move
    s.reading(1, 19.5, "10")                      # ten seconds
    s.expect(0, "stuck", "firing", "10", 19.5, 20, **stuck)
    s.reading(1, 20.2, "15")
    s.reading(1, 21.0, "16")
    s.expect(0, "stuck", "resolved", "16", 21, 20, **stuck)
    s.reading(1, 21.0, "30")                      # it was by 26, ten seconds from 16
    s.expect(1, "stuck", "firing", "26", 21, 21, **stuck)
    s.series(2, (0.0, "40"), (-0.0, "45"))
    s.reading(2, 0.0, "52")
    s.expect(2, "stuck", "firing", "50", 0, 0, **stuck)
    s.reading(2, -0.5, "53")
    s.reading(2, -0.6, "54")
    s.expect(2, "stuck", "resolved", "54", -0.6, 0, **stuck)
    s.series(3, (1.0, "60"), (NAN, "65"), (INFINITE, "66"))        # no numbers do not move it
    s.reading(3, 1.0, "71")
    s.expect(3, "stuck", "firing", "70", 1, 1, **stuck)
    s.reading(3, 7.0, "70.5", received="71.1")    # late
    s.reading(3, 1.0, "72")
    s.reading(3, 3.0, "73.000000007")
    s.expect(3, "stuck", "resolved", "73.000000007", 3, 1, **stuck)
    s.series(4, (1.0, "80"), (2.0, "85"), (1.0, "90"), (2.0, "95"))   # moves
    s.tick("200")                                 # silence is no flat line
    s.ends(alarms=4, non_finite=2, late=1)        # each sensor's line is followed


def rule_quality(s):
    above, below = dict(reference=150, limit=150), dict(reference=-40, limit=-40)
    s.series(1, (-40.0, "0"), (150.0, "1"))       # the bounds themselves are measured
    s.reading(1, math.nextafter(150, 151), "2")
    s.expect(0, "broken", "firing", "2", math.nextafter(150, 151), **above)
    s.reading(1, 150.0, "3")
    s.expect(0, "broken", "resolved", "3", 150, **above)
    s.reading(1, -40.1, "4")
    s.expect(1, "broken", "firing", "4", -40.1, **below)
    s.reading(1, NAN, "5")                        # still broken
    s.reading(1, -40.0, "6")
    s.expect(1, "broken", "resolved", "6", -40, **above)
    s.reading(2, NAN, "10.000000001")             # of which nothing is known
    s.expect(2, "broken", "firing", "10.000000001", None, None, 150)
    s.reading(2, 0.0, "11")
    s.expect(2, "broken", "resolved", "11", 0, **above)
    s.reading(3, 20.0, "12")
    s.reading(3, INFINITE, "13")
    s.expect(3, "broken", "firing", "13", None, 20, 150)
    s.reading(3, -INFINITE, "14")
    s.reading(3, 20.0, "15")
    s.expect(3, "broken", "resolved", "15", 20, **above)
    s.reading(4, 20.0, "20")
    s.reading(4, NAN, "19", received="20.1")      # no number is told, late or not: as of now
    s.expect(4, "broken", "firing", "20", None, 20, 150)
    s.reading(4, 200.0, "19.5", received="20.2")  # late: judged by nobody
    s.reading(4, 20.0, "21")
    s.expect(4, "broken", "resolved", "21", 20, **above)
    s.reading(11, 1e300, "30")                    # only `least`
    s.reading(11, INFINITE, "31")
    s.expect(5, "negative", "firing", "31", None, 1e300, None)
    s.reading(11, 0.0, "32")
    s.expect(5, "negative", "resolved", "32", 0, None, None)
    s.reading(11, -1e-300, "33")
    s.expect(6, "negative", "firing", "33", -1e-300, 0, 0)
    s.ends(alarms=1, non_finite=6, late=1)


SCENES = {
    "rule_limits": rule_limits, "rule_rate": rule_rate, "rule_jump": rule_jump,
    "rule_deviation": rule_deviation, "rule_flatline": rule_flatline, "rule_quality": rule_quality,
}
