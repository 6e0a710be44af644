#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rules that change and people who speak while readings flow: `roda reload`, SIGHUP, `ack`, `shelve`,
`unshelve`, `explain`."""
import signal
import threading
import time

from harness import GATEWAY, HOST, RODA, Case, main, needs_root, run, wait_until
from journal_reader import read_alerts
from plant_gateway import datagram, socket_within

SENSORS = range(1, 51)
INVENTORY = "id,name,group\n" + "".join(f"{sensor},T{sensor},hall\n" for sensor in SENSORS)
HOT = "  - {name: hot, kind: limits, hi: 85, match: {sensors: [1-10]}}\n"
COLD = "  - {name: cold, kind: limits, lo: 15, match: {sensors: [1-10]}}\n"
KEPT = "  - {name: kept, kind: limits, hi: 85, latching: true, match: {sensors: [11-20]}}\n"
OTHER = "  - {name: other, kind: limits, hi: 85, match: {sensors: [30]}}\n"
WARM = "  - {name: warm, kind: limits, hi: 60, match: {sensors: [15]}}\n"
FAULTY = "  - {name: hot, kind: limits, hi: high}\n"
FAULT_COLUMN = FAULTY.index("high") + 1
RELOADED = "roda_config_last_reload_successful"


class Flow:
    """One gateway that does not stop: each sensor 100 times a second."""

    def __init__(self, out):
        self.out = out
        self.values = dict.fromkeys(SENSORS, 50.0)
        self.datagrams = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ending.wait(0.01):
            at = time.time_ns()
            self.out.send(datagram(7, self.datagrams + 1,
                                   [(sensor, value, at) for sensor, value in self.values.items()]))
            self.datagrams += 1

    def stop(self):
        self.ending.set()
        self.thread.join()


@needs_root
class Reload(Case):
    def setUp(self):
        super().setUp()
        namespace = self.make_namespace("tap")
        interface = f"rt{self.tag}"
        self.port = (f"device: 'net_tap0,iface={interface}'\naddresses: [{HOST}]\n"
                     f"network_namespace: {namespace}")
        (self.scratch / "inventory.csv").write_text(INVENTORY)
        self.write_rules(HOT, COLD, KEPT)
        self.start_roda(self.config)
        run("ip", "-n", namespace, "addr", "add", f"{GATEWAY}/24", "dev", interface)
        run("ip", "-n", namespace, "link", "set", interface, "txqueuelen", 10000, "up")
        self.flow = Flow(socket_within(namespace, HOST))
        self.addCleanup(self.flow.stop)
        wait_until(lambda: self.metrics()["roda_readings_accepted_total"] > 0, what="readings")

    def write_rules(self, *rules):
        self.config = self.write_config(
            self.port, more="inventory: {file: inventory.csv}\nrules:\n" + "".join(rules))

    def write_faulty(self):
        """Returns what the refusal must name: the file, the line and the column."""
        self.write_rules(COLD, FAULTY)
        line = self.config.read_text().splitlines().index(FAULTY.rstrip("\n")) + 1
        return f"{self.config}:{line}:{FAULT_COLUMN}: "

    def ask(self, *words):
        return run(RODA, *words, "--config", self.config, check=False)

    def expect_done(self, *words, says):
        done = self.ask(*words)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        self.assertRegex(done.stdout, says)

    def expect_refused(self, *words, says, code=1):
        done = self.ask(*words)
        self.assertEqual((done.returncode, done.stdout), (code, ""), words)
        self.assertRegex(done.stderr, says)

    def alerts(self, **like):
        return [record for record in read_alerts(self.journal) if like.items() <= record.items()]

    def wait_for(self, count=1, **like):
        wait_until(lambda: len(self.alerts(**like)) == count, what=f"{count} of {like}")
        return self.alerts(**like)[-1]

    def check_nothing_was_lost(self):
        self.flow.stop()
        sent = self.flow.datagrams
        wait_until(lambda: self.metrics()["roda_datagrams_total"] >= sent, what=f"{sent} datagrams")
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["datagrams"]["accepted"], sent)
        self.assertEqual(ledger["datagrams"]["lost"], 0)
        self.assertEqual(ledger["readings"]["accepted"], sent * len(SENSORS))
        self.assertEqual(sum(ledger["readings"]["refused"].values()), 0)

    def test_a_faulty_file_changes_nothing_and_says_where(self):
        self.flow.values[3] = 90.0
        self.wait_for(rule="hot", sensor_id=3, transition="firing")
        self.assertEqual(self.metrics()[RELOADED], 1)

        place = self.write_faulty()
        # By the instance's name: the command itself does not read the file.
        done = run(RODA, "reload", "--instance", f"e2e-{self.tag}", "--directory", self.scratch,
                   check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(place, done.stderr)
        metrics = self.metrics()
        self.assertEqual((metrics[RELOADED], metrics["roda_rules"]), (0, 3))

        self.flow.values |= {3: 50.0, 4: 95.0}  # the rules of before are at work
        self.wait_for(rule="hot", sensor_id=3, transition="resolved")
        self.wait_for(rule="hot", sensor_id=4, transition="firing")

        self.write_rules(HOT, COLD, KEPT)
        self.expect_done("reload", says="^3 rules in force, of 50 sensors in the inventory$")
        metrics = self.metrics()
        self.assertEqual(metrics[RELOADED], 1)
        self.assertEqual([metrics[f'roda_config_reloads_total{{outcome="{outcome}"}}']
                          for outcome in ("success", "failure")], [1, 1])
        self.check_nothing_was_lost()

    def test_an_inventory_that_is_gone_changes_nothing(self):
        (self.scratch / "inventory.csv").rename(self.scratch / "elsewhere.csv")
        self.expect_refused("reload", says="the rules stay as they are: .*inventory.csv")
        self.flow.values[3] = 90.0
        self.wait_for(rule="hot", subject="T3", transition="firing")
        self.check_nothing_was_lost()

    def test_sighup_is_the_same(self):
        place = self.write_faulty()
        self.roda.send_signal(signal.SIGHUP)
        wait_until(lambda: self.metrics()[RELOADED] == 0, what="the refusal")
        wait_until(lambda: "not reloaded: " in self.log("roda.log"), what="the line in the log")
        self.assertIn(place, self.log("roda.log"))

        self.write_rules(COLD, KEPT)
        self.roda.send_signal(signal.SIGHUP)
        wait_until(lambda: self.metrics()[RELOADED] == 1, what="the new rules")
        self.assertEqual(self.metrics()["roda_rules"], 2)
        wait_until(lambda: "roda: 2 rules in force" in self.log("roda.log"), what="a line in the log")
        self.check_nothing_was_lost()

    def test_alerts_of_rules_that_stay_keep_their_id_and_those_of_others_end(self):
        self.write_rules(HOT, COLD, KEPT, OTHER)
        self.expect_done("reload", says="^4 rules in force")
        self.flow.values |= {3: 90.0, 5: 5.0, 15: 90.0, 30: 90.0}
        hot = self.wait_for(rule="hot", sensor_id=3, transition="firing")
        cold = self.wait_for(rule="cold", sensor_id=5, transition="firing")
        self.wait_for(rule="kept", sensor_id=15, transition="firing")
        self.wait_for(rule="other", sensor_id=30, transition="firing")

        # Two stay in other places, one is gone, one is new, one is not what it was.
        self.write_rules(WARM, OTHER.replace("85", "80"), KEPT, HOT)
        self.expect_done("reload", says="^4 rules in force")
        gone = self.wait_for(rule="cold", sensor_id=5, transition="resolved")
        self.assertEqual((gone["id"], gone["reason"]), (cold["id"], "reload"))
        self.assertGreaterEqual(gone["event_ns"], cold["event_ns"])
        self.wait_for(rule="warm", sensor_id=15, transition="firing")
        self.wait_for(2, rule="other", sensor_id=30, transition="firing")
        self.assertEqual([(record["transition"], record["reason"])
                          for record in self.alerts(rule="other")],
                         [("firing", "reading"), ("resolved", "reload"), ("firing", "reading")])

        self.flow.values |= {3: 50.0, 15: 50.0}
        resolved = self.wait_for(rule="hot", sensor_id=3, transition="resolved")
        self.assertEqual((resolved["id"], resolved["reason"]), (hot["id"], "reading"))
        self.wait_for(rule="warm", sensor_id=15, transition="resolved")
        self.assertEqual(len(self.alerts(rule="hot")), 2)
        self.assertEqual(len(self.alerts(rule="kept")), 1)  # latching: it still stands
        self.check_nothing_was_lost()

    def test_no_reading_is_lost_however_often_rules_change(self):
        self.flow.values |= {3: 90.0, 15: 90.0}
        self.wait_for(rule="hot", sensor_id=3, transition="firing")
        self.wait_for(rule="kept", sensor_id=15, transition="firing")
        for turn in range(10):
            self.write_rules(*([HOT, KEPT] if turn % 2 else [COLD, KEPT, HOT]))
            self.expect_done("reload", says="rules in force")
        self.flow.values[3] = 50.0
        self.wait_for(rule="hot", sensor_id=3, transition="resolved")
        self.assertEqual([record["transition"] for record in self.alerts()],
                         ["firing", "firing", "resolved"])
        self.check_nothing_was_lost()

    def test_people_acknowledge_shelve_and_ask(self):
        self.expect_refused("ack", "--rule", "hot", says="nothing to be acknowledged: no such alarm")
        self.flow.values |= {3: 90.0, 12: 90.0, 15: 90.0}
        self.wait_for(rule="hot", sensor_id=3, transition="firing")
        kept = self.wait_for(rule="kept", sensor_id=15, transition="firing")
        self.wait_for(rule="kept", sensor_id=12, transition="firing")

        self.expect_done("ack", "--id", kept["id"], says="^acknowledged: 1$")
        self.wait_for(rule="kept", sensor_id=15, transition="acknowledged", reason="person")
        self.expect_refused("ack", "--id", kept["id"], says="no such alarm")
        self.flow.values |= {12: 50.0, 15: 50.0}
        self.wait_for(rule="kept", sensor_id=15, transition="resolved")
        self.expect_done("ack", "--rule", "kept", "--sensor", 12, says="^acknowledged: 1$")
        self.wait_for(rule="kept", sensor_id=12, transition="resolved")

        self.expect_done("shelve", "--rule", "hot", "--sensor", 3, "--for", "8h", says="^shelved: 1$")
        self.wait_for(rule="hot", sensor_id=3, transition="shelved", reason="person")
        told = self.ask("explain", 3).stdout
        self.assertRegex(told, "hot hi, warning: .*firing for .*shelved until ")
        self.expect_done("unshelve", "--sensor", 3, says="^unshelved: 1$")
        self.wait_for(rule="hot", sensor_id=3, transition="unshelved", reason="person")
        self.expect_refused("unshelve", "--sensor", 3, says="nothing to be unshelved: no such alarm")
        self.expect_done("explain", 3, "--json", says=r'"sensor":3\b|"sensor_id":3\b|"id":3\b')
        self.check_nothing_was_lost()

    def test_what_cannot_be_done_has_its_exit_code(self):
        self.expect_refused("explain", 4711, says="sensor 4711 was never heard of")
        self.expect_refused("ack", says="needs to know which alarms", code=2)
        self.expect_refused("shelve", "--rule", "hot", says="--for is required", code=2)
        self.expect_refused("shelve", "--rule", "hot", "--for", "soon", says="'soon' is not a duration",
                            code=2)
        self.expect_refused("shelve", "--rule", "no_such", "--for", "1h", says="no such alarm")
        self.check_nothing_was_lost()
        self.expect_refused("reload", says="no Roda of this instance runs")


if __name__ == "__main__":
    main()
