# SPDX-License-Identifier: Apache-2.0
"""How alerts come and go. All rules here: above 80, else as the case's config says."""

HOT = dict(reference=80, limit=80, level="hi")


def rule_delays(s):
    """on_delay 2 s, off_delay 3 s."""
    began = s.reading(1, 85.0, "0.000000123")
    s.expect(0, "hot", "pending", "0.000000123", 85, **HOT)
    s.tick("2.000")                               # not before a tick past 2.000000123
    s.tick("2.010")
    s.expect(0, "hot", "firing", "2.000000123", 85, by="time", cause=began, **HOT)
    s.reading(1, 75.0, "5")
    s.tick("8.000")
    s.tick("8.010")                               # what ended it was no reading
    s.expect(0, "hot", "resolved", "8", 85, by="time", cause=began, **HOT)
    s.reading(2, 86.0, "20")
    s.expect(1, "hot", "pending", "20", 86, **HOT)
    s.reading(2, 80.0, "21.999999999")            # a nanosecond too short
    s.expect(1, "hot", "cancelled", "21.999999999", 80, **HOT)
    # It ends at the very moment that its delay does: it has fired.
    began = s.reading(3, 87.0, "40")
    s.expect(2, "hot", "pending", "40", 87, **HOT)
    s.reading(3, 75.0, "42")
    s.expect(2, "hot", "firing", "42", 87, by="time", cause=began, **HOT)
    began = s.reading(3, 88.0, "44.999999999")    # a nanosecond too short: was never gone
    s.reading(3, 75.0, "46")
    # And it comes back at the very moment that it is over: it has resolved, and begins anew.
    s.reading(3, 89.0, "49")
    s.expect(2, "hot", "resolved", "49", 88, by="time", cause=began, **HOT)
    s.expect(3, "hot", "pending", "49", 89, **HOT)
    s.reading(3, 75.0, "50")
    s.expect(3, "hot", "cancelled", "50", 75, **HOT)
    began = s.reading(4, 85.0, "60")
    s.expect(4, "hot", "pending", "60", 85, **HOT)
    s.series(4, (86.0, "61"), (87.0, "61.5"))
    s.tick("62.010")
    s.expect(4, "hot", "firing", "62", 85, by="time", cause=began, **HOT)
    # A gap: the reading behind it finds what had come before it.
    began_5 = s.reading(5, 85.0, "80")
    s.expect(5, "hot", "pending", "80", 85, **HOT)
    s.reading(5, 75.0, "90")
    s.expect(5, "hot", "firing", "82", 85, by="time", cause=began_5, **HOT)
    s.reading(4, 75.0, "91")
    s.tick("95")
    s.expect(5, "hot", "resolved", "93", 85, by="time", cause=began_5, **HOT)
    s.expect(4, "hot", "resolved", "94", 85, by="time", cause=began, **HOT)
    s.ends(alarms=0)


def rule_min_interval(s):
    """min_interval 10 s."""
    s.reading(1, 85.0, "0.5")
    s.expect(0, "hot", "firing", "0.5", 85, **HOT)
    s.reading(1, 75.0, "1")
    s.expect(0, "hot", "resolved", "1", 75, **HOT)
    began = s.reading(1, 86.0, "2")
    s.expect(1, "hot", "pending", "2", 86, **HOT)
    s.tick("10.500")
    s.tick("10.510")
    s.expect(1, "hot", "firing", "10.5", 86, by="time", cause=began, **HOT)
    s.reading(1, 75.0, "11")
    s.expect(1, "hot", "resolved", "11", 75, **HOT)
    s.reading(1, 87.0, "12")
    s.expect(2, "hot", "pending", "12", 87, **HOT)
    s.reading(1, 75.0, "20.499999999")
    s.expect(2, "hot", "cancelled", "20.499999999", 75, **HOT)
    s.reading(1, 88.0, "20.5")                    # ten seconds from 10.5
    s.expect(3, "hot", "firing", "20.5", 88, **HOT)
    s.reading(1, 75.0, "21")
    s.expect(3, "hot", "resolved", "21", 75, **HOT)
    s.reading(2, 85.0, "21.5")                    # another sensor's interval is its own
    s.expect(4, "hot", "firing", "21.5", 85, **HOT)
    s.tick("30.600")                              # the first one's past counts no more
    s.ends(alarms=1)


def rule_latching(s):
    """latching: without a person it never resolves."""
    s.reading(1, 85.0, "0")
    s.expect(0, "hot", "firing", "0", 85, **HOT)
    s.series(1, (75.0, "1"), (85.0, "2"), (75.0, "3"))
    s.tick("100000")
    s.reading(2, 80.0, "100001")
    s.ends(alarms=1)


def rule_flapping(s):
    """hot: four changes within 10 s; flutter (sensors 11 to 19): three."""
    s.reading(1, 85.0, "0")
    s.expect(0, "hot", "firing", "0", 85, **HOT)
    s.reading(1, 75.0, "1")
    s.expect(0, "hot", "resolved", "1", 75, **HOT)
    began = s.reading(1, 86.0, "2")
    s.expect(1, "hot", "firing", "2", 86, **HOT)
    s.reading(1, 74.0, "3.5")                     # the fourth, instead of `resolved`
    s.expect(1, "hot", "flapping", "3.5", 74, **HOT)
    began = s.reading(1, 87.0, "4")
    s.reading(1, 75.0, "5.000000005")
    s.tick("15.000")
    s.tick("15.010")                              # ten seconds the same
    s.expect(1, "hot", "resolved", "15.000000005", 87, by="time", cause=began, **HOT)
    # The time is counted from the first change, and is over when it is over.
    s.reading(2, 85.0, "30")
    s.expect(2, "hot", "firing", "30", 85, **HOT)
    s.reading(2, 75.0, "31")
    s.expect(2, "hot", "resolved", "31", 75, **HOT)
    s.reading(2, 85.0, "32")
    s.expect(3, "hot", "firing", "32", 85, **HOT)
    s.reading(2, 75.0, "40")                      # the first of ten new seconds
    s.expect(3, "hot", "resolved", "40", 75, **HOT)
    s.reading(2, 85.0, "41")
    s.expect(4, "hot", "firing", "41", 85, **HOT)
    s.reading(2, 75.0, "42")
    s.expect(4, "hot", "resolved", "42", 75, **HOT)
    s.reading(2, 85.0, "49.999999999")            # the fourth of these: firing, and flapping
    s.expect(5, "hot", "firing", "49.999999999", 85, **HOT)
    s.expect(5, "hot", "flapping", "49.999999999", 85, **HOT)
    s.reading(2, 75.0, "50")
    began = s.reading(2, 88.0, "51")
    s.tick("61.010")                              # steady, and true: firing again, the same one
    s.expect(5, "hot", "firing", "61", 88, by="time", cause=began, **HOT)
    s.reading(2, 75.0, "62")
    s.expect(5, "hot", "resolved", "62", 75, **HOT)
    s.reading(11, 85.0, "70")
    s.expect(6, "flutter", "firing", "70", 85, **HOT)
    s.reading(11, 75.0, "71")
    s.expect(6, "flutter", "resolved", "71", 75, **HOT)
    began = s.reading(11, 85.0, "72")
    s.expect(7, "flutter", "firing", "72", 85, **HOT)
    s.expect(7, "flutter", "flapping", "72", 85, **HOT)
    s.reading(11, 75.0, "82")                     # it was steady by then, ten seconds from 72
    s.expect(7, "flutter", "firing", "82", 85, by="time", cause=began, **HOT)
    s.expect(7, "flutter", "resolved", "82", 75, **HOT)
    s.tick("100")
    s.ends(alarms=0)


def rule_m_of_n(s):
    """Three of the last five readings."""
    s.series(1, (85.0, "0"), (86.0, "1"), (70.0, "2"))
    s.reading(1, 87.0, "3.000000003")
    s.expect(0, "hot", "firing", "3.000000003", 87, **HOT)
    s.reading(1, 70.0, "4")                       # 1 1 0 1 0
    s.reading(1, 71.0, "5")                       # 1 0 1 0 0
    s.expect(0, "hot", "resolved", "5", 71, **HOT)
    s.reading(1, 88.0, "6")                       # 0 1 0 0 1
    s.reading(1, 89.0, "7")                       # 1 0 0 1 1
    s.expect(1, "hot", "firing", "7", 89, **HOT)
    s.reading(1, float("nan"), "8")               # no reading, for it
    s.reading(1, 80.0, "9")                       # 0 0 1 1 0: equal to the limit is within
    s.expect(1, "hot", "resolved", "9", 80, **HOT)
    # One wild reading is no alert; one that is late does not count, one of the same time does.
    s.series(2, (70.0, "20"), (900.0, "21"), (70.0, "22"), (70.0, "23"), (70.0, "24"), (70.0, "25"))
    s.series(2, (85.0, "30"), (86.0, "31"))
    s.reading(2, 87.0, "30.5", received="31.1")
    s.series(2, (70.0, "32"), (70.0, "33"), (70.0, "34"), (70.0, "35"), (70.0, "36"))
    s.series(3, (85.0, "40"), (85.0, "40"))
    s.reading(3, 85.0, "40")
    s.expect(2, "hot", "firing", "40", 85, **HOT)
    s.series(3, (70.0, "41"), (70.0, "42"))
    s.reading(3, 69.0, "43")
    s.expect(2, "hot", "resolved", "43", 69, **HOT)
    s.series(1, (70.0, "50"), (70.0, "51"), (70.0, "52"), (70.0, "53"))
    s.series(3, (70.0, "60"), (70.0, "61"))
    s.tick("70")
    s.ends(alarms=0, non_finite=1, late=1)


SCENES = {
    "rule_delays": rule_delays, "rule_min_interval": rule_min_interval,
    "rule_latching": rule_latching, "rule_flapping": rule_flapping, "rule_m_of_n": rule_m_of_n,
}
