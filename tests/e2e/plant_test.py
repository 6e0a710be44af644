#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A plant of 100,000 sensors and 500 rules, two hours of it: planted faults of every kind, people who
acknowledge and shelve, rules that change meanwhile, and exactly the transitions that this must cause: in
the journal, in Prometheus and in Alertmanager. The plant is in plant_layout.py, its rules in
plant_rules.py, what goes wrong in plant_faults.py and plant_people.py."""
import collections
import contextlib
import json
import shutil
import time
import unittest

import plant_faults
import plant_layout as plant
import plant_people as people
import plant_rules
from alertmanager_test import ALERTMANAGER, PagingCase
from harness import GATEWAY, HOST, RODA, get, main, needs_root, run, wait_until
from journal_reader import read_alerts
from live_test import LiveCase
from plant_book import Book, Expected, differences
from plant_gateway import Beat, Gateways, socket_within

SILENCE = 4 * plant.SECOND  # of rule silent
SILENT = list(plant.BEATING)[10:13]  # all of cell_1
SILENT_AT_END = plant.BEATING[25]
SLOW_ONE = plant.SLOW[7]
SPEAKS_LATE = plant.MUTE[4]
RULES = {rule["name"]: rule for of_reload in (plant_rules.FIRST, plant_rules.SECOND)
         for rule in plant_rules.rules(of_reload)}


def seen_in(records):
    return [Expected(record["rule"], record["level"],
                     record["sensor_id"] if record["group"] is None else record["subject"],
                     record["transition"], record["event_ns"]) for record in records]


def severity_of(one):
    rule = RULES[one.rule]
    if one.level in ("hihi", "lolo"):
        return rule.get("outer_severity", "critical")
    return rule.get("severity", "warning")


def labels_of(rule, level, subject):
    """Of an alert that stands, as Prometheus and Alertmanager must have them."""
    labels = {"rule": rule, "severity": severity_of(Expected(rule, level, subject, None, None)),
              **RULES[rule].get("labels", {})}
    if level:
        labels["level"] = level
    if isinstance(subject, str):
        return labels | {"group": subject}
    labels |= {"sensor": str(subject), "name": plant.name_of(subject), "unit": plant.unit_of(subject),
               **plant.labels_of(subject)}
    return {name: value for name, value in labels.items() if value}


def as_set(all_labels):
    return {tuple(sorted(labels.items())) for labels in all_labels}


class PlantCase(PagingCase, LiveCase):
    queues, partition = 1, "gateway"

    def start_plant(self):
        gateways = self.make_namespace("gw")
        host = self.make_namespace("host")
        outer, inner = f"vg{self.tag}", f"vh{self.tag}"
        for namespace in (gateways, host):
            run("ip", "netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                "net.ipv6.conf.default.disable_ipv6=1")
        run("ip", "-n", gateways, "link", "add", outer, "type", "veth", "peer", "name", inner, "netns",
            host)
        run("ip", "-n", gateways, "addr", "add", f"{GATEWAY}/24", "dev", outer)
        run("ip", "-n", gateways, "link", "set", outer, "up")
        run("ip", "-n", host, "link", "set", inner, "up")
        (self.scratch / "inventory.csv").write_text(plant.inventory())
        # All frames of a round fit into the ring: none is missed for want of time.
        self.port = (f"device: 'net_af_packet0,iface={inner},qpairs={self.queues},blocksz=65536,"
                     f"framesz=2048,framecnt=4096'\nqueues: {self.queues}\nspread: tuple\n"
                     f"addresses: [{HOST}]\nnetwork_namespace: {host}")
        self.config = self.write_rules(plant_rules.FIRST)
        self.started_ns = time.time_ns()
        self.start_roda(self.config)
        self.gateways = Gateways([socket_within(gateways, HOST) for _ in range(8)], self.book)
        self.beat = Beat(socket_within(gateways, HOST))
        self.beat.beat()  # alone: the kernel holds back little while it asks for the neighbour
        self.wait_until_taken(self.sent())
        self.beat.start()
        self.addCleanup(self.beat.stop)

    def write_rules(self, of_reload):
        pipeline = ("pipeline: {max_sensors: 131072, window_memory_mb: 64, "
                    f"partition: {self.partition}}}\ninventory: {{file: inventory.csv}}\n")
        return self.write_config(self.port, more=pipeline + plant_rules.rules_yaml(of_reload))

    def sent(self):
        return self.gateways.readings + self.beat.readings

    def taken(self):
        """Readings that were judged. What is no number is, but nothing else is made of it."""
        metrics = self.metrics()
        return (metrics["roda_readings_accepted_total"] +
                metrics['roda_readings_refused_total{reason="non_finite"}'])

    def wait_until_taken(self, sent):
        wait_until(lambda: self.taken() >= sent, what=f"{sent} readings; have {self.taken()}")

    def run_round(self, number):
        self.gateways.send_round(number)
        sent = self.sent()
        self.wait_until_taken(sent)

    def ask(self, *words):
        """A command to the running Roda; returns its reply."""
        return run(RODA, *words, "--config", self.config).stdout.strip()

    def records(self):
        return [record for lane in range(self.queues)
                for record in read_alerts(self.scratch / f"e2e-{self.tag}.alerts.{lane}")]

    def wait_for_transition(self, rule, subject, transition, seconds=20):
        found = lambda: any(one.rule == rule and one.subject == subject and one.transition == transition
                            for one in seen_in(self.records()))
        wait_until(found, seconds=seconds, what=f"{rule} of {subject}: {transition}")


class Day(PlantCase):
    """What happens in a day, whichever way Roda is set up."""

    def run_day(self):
        self.book = Book(in_order=self.queues == 1)
        plant_faults.plant_faults(self.book)
        people.plant_people(self.book)
        with self.part("starts_with_500_rules_and_100000_sensors"):
            self.start_plant()
            self.start_monitoring()
            self.expect_never_heard()
        with self.part("rounds_before_the_reload"):
            self.run_rounds(0, people.RELOAD_AFTER + 1)
        with self.part("a_reload_takes_one_rule_and_adds_one"):
            self.reload()
        with self.part("rounds_after_the_reload"):
            self.run_rounds(people.RELOAD_AFTER + 1, plant.ROUNDS)
        with self.part("the_silent_are_missed_and_come_back"):
            self.end_silences()
        with self.part("the_journal_has_exactly_the_planted_transitions"):
            self.check_journal()
        with self.part("each_occurrence_is_one_path_of_one_id"):
            self.check_paths()
        with self.part("prometheus_counts_the_same"):
            self.check_counters()
        with self.part("prometheus_shows_what_stands"):
            self.check_active()
        with self.part("alertmanager_has_what_stands_and_pages"):
            self.check_alertmanager()
        with self.part("status_and_explain_say_so"):
            self.check_words()
        with self.part("the_ledger_balances_and_nothing_was_missed"):
            self.check_ledger()

    @contextlib.contextmanager
    def part(self, name):
        """One line of the report for each part of the day."""
        began = time.monotonic()
        yield
        print(f"PASS {type(self).__name__}.{name} ({time.monotonic() - began:.1f} s)", flush=True)

    def expect_never_heard(self):
        for sensor in plant.MUTE:
            self.book.expect("silent", sensor, "firing", self.from_start())
        self.book.expect("silent_cell", plant.cell_of(plant.MUTE[0]), "firing", self.from_start())

    def from_start(self):
        return self.started_ns + SILENCE, time.time_ns() + SILENCE + 5 * plant.SECOND

    def run_rounds(self, first, end):
        for number in range(first, end):
            self.run_round(number)
            for words, alarms in people.ORDERS.get(number, []):
                reply = self.ask(*words)
                self.assertRegex(reply, f": {alarms}$", words)
            if number == 5:
                self.begin_silences()
            if number == 20:
                self.wait_for_transition("silent", SPEAKS_LATE, "firing")
                self.end_of_never(self.beat.speak([SPEAKS_LATE]))
            if number == 22:
                self.acknowledge_by_id(number)

    def end_of_never(self, at):
        """The shard that missed it may not be the one that hears it: it looks every half second."""
        self.book.expect("silent", SPEAKS_LATE, "resolved",
                         at if self.queues == 1 else (at, at + SILENCE // 2))

    def begin_silences(self):
        self.hushed_ns = self.beat.hush([*SILENT, SLOW_ONE])
        for sensor in SILENT:
            self.book.expect("silent", sensor, "firing", self.hushed_ns + SILENCE)
        self.book.expect("silent_cell", plant.cell_of(SILENT[0]), "firing", self.hushed_ns + SILENCE)
        self.book.expect("slow", SLOW_ONE, "firing", self.hushed_ns + 6 * plant.SECOND)

    def end_silences(self):
        for sensor in SILENT:
            self.wait_for_transition("silent", sensor, "firing")
        self.wait_for_transition("slow", SLOW_ONE, "firing")
        at = self.beat.speak([*SILENT, SLOW_ONE])
        for sensor in SILENT:
            self.book.expect("silent", sensor, "resolved", at)
        self.book.expect("silent_cell", plant.cell_of(SILENT[0]), "resolved", at)
        self.book.expect("slow", SLOW_ONE, "resolved", at)
        at = self.beat.hush([SILENT_AT_END])
        self.book.expect("silent", SILENT_AT_END, "firing", at + SILENCE)
        self.wait_for_transition("silent", SILENT_AT_END, "firing")

    def acknowledge_by_id(self, number):
        firing = [record for record in self.records()
                   if record["rule"] == "latch_3" and record["transition"] == "firing"][-1]
        self.assertRegex(self.ask("ack", "--id", firing["id"]), ": 1$")
        people.expect_acknowledged_by_id(self.book, number)

    def reload(self):
        self.write_rules(plant_rules.SECOND)
        self.assertEqual(self.ask("reload"), f"{plant_rules.RULES} rules in force, of "
                                             f"{plant.SENSORS} sensors in the inventory")

    def check_journal(self):
        judged = lambda: differences(self.book.expected, seen_in(self.records()))
        try:
            wait_until(lambda: judged() == ([], []), what="the planted transitions")
        except AssertionError:
            missing, extra = judged()
            lines = [f"{len(missing)} missing, {len(extra)} extra"]
            lines += [f"missing {self.in_rounds(one)}" for one in missing[:20]]
            lines += [f"extra {self.in_rounds(one)}" for one in extra[:20]]
            self.fail("\n".join(lines))
        removed, = [record for record in self.records()
                    if (record["rule"], record["transition"]) == ("removed", "resolved")]
        self.assertEqual(removed["reason"], "reload")

    def in_rounds(self, one):
        """For people: plant time in rounds."""
        rounds = lambda at: f"{(at - plant.BEGIN) / plant.STEP:.3f}"
        at = one.at if isinstance(one.at, tuple) else (one.at,)
        return f"{one.rule} {one.level} {one.subject} {one.transition} round {[rounds(x) for x in at]}"

    def check_paths(self):
        paths = collections.defaultdict(list)
        for record, one in zip(self.records(), seen_in(self.records())):
            paths[record["id"]].append(one)
        for path in paths.values():
            self.assertEqual(len({one[:3] for one in path}), 1, path)
            words = " ".join(one.transition for one in path)
            self.assertRegex(words, "^(pending |pending$)?(cancelled$|firing.*$)?", path)
            self.assertNotRegex(words, "(cancelled|resolved) ", path)

    def check_counters(self):
        expected = collections.Counter((one.rule, severity_of(one), one.transition)
                                       for one in self.book.expected)

        def counted():
            return {(labels["rule"], labels["severity"], labels["transition"]): value
                    for labels, value in self.samples("roda_alerts_total") if value}

        wait_until(lambda: counted() == expected, what="the counters")
        stands = collections.Counter(severity_of(Expected(*key, None, None))
                                     for key in self.book.standing())
        for severity in ("info", "warning", "critical"):
            firing = self.samples(f'sum(roda_alerts_firing{{severity="{severity}"}})')
            self.assertEqual([value for _, value in firing], [stands[severity]])

    def samples(self, expression):
        """[(labels, value)] from Prometheus."""
        query = f"http://127.0.0.1:{self.prometheus}/api/v1/query?query={expression}"
        answer = json.loads(get(query.replace(" ", "%20").replace('"', "%22")))
        return [(result["metric"], float(result["value"][1])) for result in answer["data"]["result"]]

    def standing(self):
        return as_set(labels_of(*key) for key in self.book.standing())

    def check_active(self):
        expected, shown = self.standing(), set

        def is_shown():
            return as_set({name: value for name, value in labels.items()
                           if name not in ("__name__", "instance", "job")}
                          for labels, _ in self.samples("roda_alert_active")) == expected

        wait_until(is_shown, what=f"{len(expected)} series of roda_alert_active")

    def check_alertmanager(self):
        expected = self.standing()
        url = f"http://127.0.0.1:{self.alertmanager}/api/v2/alerts"

        def is_told():
            alerts = [alert["labels"] for alert in json.loads(get(url))]
            return as_set({name: value for name, value in labels.items()
                           if name not in ("alertname", "instance", "job")}
                          for labels in alerts if labels["alertname"] == "RodaAlert") == expected

        wait_until(is_told, seconds=40, what=f"{len(expected)} alerts in Alertmanager")
        area = f"area_{plant_faults.STANDING_GROUP_AREA}"
        common = {"alertname": "RodaAlert", "job": "roda"}
        self.expect_page("pager", "firing", common | labels_of("area_trouble", None, area))
        self.expect_page("operations", "firing", common | labels_of("added", "hi", people.ADDED))

    def check_words(self):
        status = run(RODA, "status", "--config", self.config).stdout
        self.assertRegex(status, r"rules +500 with")
        self.assertRegex(status, r"area_trouble +critical +1 ")
        told = self.ask("explain", people.ADDED)
        self.assertIn(f"sensor {people.ADDED} {plant.name_of(people.ADDED)}", told)
        self.assertRegex(told, r"added hi, warning: .*72.*; firing for ")
        self.assertNotIn("removed", self.ask("explain", people.REMOVED))

    def check_ledger(self):
        self.beat.stop()
        sent = self.sent()
        self.wait_until_taken(sent)
        self.assertEqual(self.taken(), sent)
        metrics = self.metrics()
        self.assertEqual(metrics["roda_readings_late_total"], 3)
        self.assertEqual(metrics["roda_windows_late_total"], 1)
        # The last of the inventory say nothing, and no rule asks for them. One that a shard waited
        # for may have come to another.
        known = plant.SLOW.stop - 1
        twice = 0 if self.queues == 1 else len(plant.BEATING) + len(plant.SLOW) + 1
        self.assertGreaterEqual(metrics["roda_sensors"], known)
        self.assertLessEqual(metrics["roda_sensors"], known + twice)
        for name in ("alarms_refused", "rule_sets_refused", "alarm_points_left_out", "windows_refused",
                     "clock_steps"):
            self.assertEqual(metrics[f"roda_{name}_total"], 0, name)
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["readings"]["received"], sent)
        self.assertEqual(ledger["readings"]["accepted"], sent - self.book.non_finite())
        self.assertEqual(ledger["readings"]["refused"]["non_finite"], self.book.non_finite())
        self.assertEqual(ledger["datagrams"]["accepted"],
                         self.gateways.datagrams + self.beat.datagrams)
        self.assertEqual(ledger["datagrams"]["lost"], 0)
        self.assertEqual(ledger["port"]["missed"], 0)
        self.assertEqual(ledger["alerts"], len(self.book.expected))


def needs_monitoring(test):
    for package, found in (("prometheus-alertmanager", ALERTMANAGER),
                           ("prometheus", shutil.which("prometheus"))):
        test = unittest.skipUnless(found, f"{package} is not installed")(test)
    return needs_root(test)


@needs_monitoring
class Plant(Day):
    def test_a_day_tells_exactly_what_was_wrong(self):
        self.run_day()


@needs_monitoring
class PlantOfTwoQueues(Day):
    """Shards that share nothing but what groups of sensors need."""
    queues = 2

    def test_a_day_tells_exactly_what_was_wrong(self):
        self.run_day()


@needs_monitoring
class PlantOfTwoShards(Day):
    """Each sensor has its shard, whichever queue it comes to."""
    queues, partition = 2, "sensor"

    def test_a_day_tells_exactly_what_was_wrong(self):
        self.run_day()


if __name__ == "__main__":
    main()
