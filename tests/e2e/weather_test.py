#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bad weather on the way: datagrams doubled, late and lost, frames that are garbage, more than can be
taken. Each is in the ledger, to the frame."""
import json

from harness import GATEWAY, HOST, RODA, SOURCE, main, needs_root, run, wait_until
from journal_reader import read_alerts
from live_test import LiveCase, transitions
from veth_case import VethCase

HOST_V6 = "fd77::1"


def judged(delivered):
    """What sequence numbers say about [device_id, sequence] in order of arrival."""
    verdicts = {"accepted": 0, "duplicate": 0, "reordered": 0, "lost": 0}
    devices = {}
    for device, sequence in delivered:
        seen = devices.setdefault(device, set())
        if sequence in seen:
            verdicts["duplicate"] += 1
            continue
        verdicts["accepted"] += 1
        verdicts["reordered"] += bool(seen) and sequence < max(seen)
        seen.add(sequence)
    for seen in devices.values():
        verdicts["lost"] += max(seen) - min(seen) + 1 - len(seen)
    return verdicts


@needs_root
class Weather(VethCase):
    def send_through(self, *weather):
        """Gateways behind a wire with weather; returns (sent, planted, what the wire did)."""
        self.make_link(addressed=False)
        self.silence_v6(self.peer)
        run("ip", "-n", self.peer, "link", "set", self.outer, "up")
        tap = f"wire{self.tag}"
        gateways, wire = self.plug_wire(tap, "--after", 40, "--until", 2800, *weather)
        self.silence_v6(gateways)
        self.address(gateways, tap, f"{GATEWAY}/24")
        self.start_on_link(HOST)
        sent, planted = self.send(gateways, "--seconds", 4, "--rate", 50000, "--gateways", 4,
                                  "--sensors", 1000, "--anomalies-per-second", 25)
        self.assertGreater(sent["datagrams"], 2900)
        self.assertEqual(self.stop(wire), 0)
        return sent, planted, json.loads(self.log(f"{tap}.log").splitlines()[-1])

    def settled_ledger(self, datagrams):
        wait_until(lambda: self.metrics()["roda_datagrams_total"] >= datagrams,
                   what=f"{datagrams} datagrams")
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["datagrams"]["received"], datagrams)
        return ledger["datagrams"], ledger["readings"]

    def test_doubled_datagrams_are_counted_and_cause_nothing_twice(self):
        sent, planted, wire = self.send_through("--double", 0.2)
        self.assertGreater(wire["doubled"], 400)
        datagrams, readings = self.settled_ledger(sent["datagrams"] + wire["doubled"])
        self.assertEqual(datagrams["accepted"], sent["datagrams"])
        self.assertEqual(datagrams["refused"]["duplicate"], wire["doubled"])
        self.assertEqual((datagrams["lost"], datagrams["reordered"]), (0, 0))
        self.assertEqual(readings["accepted"], sent["readings"])
        self.assertEqual(transitions(read_alerts(self.journal)), transitions(planted))

    def test_a_storm_is_counted_to_the_datagram(self):
        sent, _, wire = self.send_through("--double", 0.1, "--hold", 0.1, "--lose", 0.1)
        self.assertGreater(min(wire[fate] for fate in ("doubled", "held", "lost")), 200)
        expected = judged(wire["delivered"])
        self.assertEqual(expected["accepted"], sent["datagrams"] - wire["lost"])
        self.assertEqual(expected["lost"], wire["lost"])
        self.assertGreater(expected["reordered"], 100)
        datagrams, readings = self.settled_ledger(len(wire["delivered"]))
        counted = datagrams | datagrams["refused"]
        self.assertEqual({name: counted[name] for name in expected}, expected)
        self.assertEqual(readings["accepted"], sent["readings"] - 50 * wire["lost"])
        alerts = transitions(read_alerts(self.journal))
        self.assertEqual(len(set(alerts)), len(alerts))


class TapCase(LiveCase):
    """On a tap, whose kernel side sends nothing but what it is told to."""

    def make_tap(self, queue_frames):
        self.peer = self.make_namespace("peer")
        run("ip", "netns", "exec", self.peer, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        self.interface = f"rt{self.tag}"
        self.start_roda(self.write_config(
            f"device: 'net_tap0,iface={self.interface}'\naddresses: [{HOST}, '{HOST_V6}']\n"
            f"network_namespace: {self.peer}"))
        run("ip", "-n", self.peer, "addr", "add", f"{GATEWAY}/24", "dev", self.interface)
        run("ip", "-n", self.peer, "link", "set", self.interface, "txqueuelen", queue_frames, "up")
        words = run("ip", "-n", self.peer, "link", "show", self.interface).stdout.split()
        self.station = words[words.index("link/ether") + 1]
        run("ip", "-n", self.peer, "neigh", "add", HOST, "lladdr", self.station, "dev", self.interface)

    def port_frames(self):
        metrics = self.metrics()
        return sum(metrics[f'roda_port_frames_total{{outcome="{outcome}"}}']
                   for outcome in ("received", "missed", "error", "no_buffer"))

    def settled_ledger(self, sent):
        wait_until(lambda: self.port_frames() >= sent,
                   what=f"{sent} frames; have {self.port_frames()}")
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["port"]["received"] + ledger["port"]["missed"], sent, ledger["port"])
        return ledger


@needs_root
class Garbage(TapCase):
    frames = 30000

    def devices(self):
        status = json.loads(run(RODA, "status", "--config", self.scratch / "roda.yaml", "--json",
                                "--top", 10000).stdout)
        return {device["device_id"]: device for device in status["devices"]["most_datagrams"]}

    def test_garbage_costs_no_good_datagram(self):
        self.make_tap(queue_frames=20000)
        garbage = self.start("ip", "netns", "exec", self.peer, "/usr/bin/python3",
                             SOURCE / "tests/e2e/garbage.py", self.interface, self.station, HOST, HOST_V6,
                             self.frames, 20261121, log="garbage.log")
        sent, planted = self.send(self.peer, "--seconds", 4, "--rate", 50000, "--gateways", 4,
                                  "--anomalies-per-second", 25)
        self.assertEqual(garbage.wait(timeout=30), 0, self.log("garbage.log"))
        run("ip", "netns", "exec", self.peer, "ping", "-c", 1, "-W", 2, HOST)
        seen = lambda: [alert for alert in read_alerts(self.journal) if alert["sensor_id"] < 1 << 40]
        wait_until(lambda: len(seen()) >= len(planted), what=f"{len(planted)} alerts")
        self.assertEqual(transitions(seen()), transitions(planted))
        good = lambda: [device for number, device in self.devices().items() if 1 <= number <= 4]
        wait_until(lambda: sum(device["datagrams"] for device in good()) >= sent["datagrams"],
                   what=f"{sent['datagrams']} datagrams of the good devices: {good()}")
        self.assertEqual([(device["datagrams"] > 0, device["lost"]) for device in good()],
                         [(True, 0)] * 4)
        ledger = self.settled_ledger(self.frames + sent["datagrams"] + 1)
        self.assertEqual(ledger["port"]["missed"], 0)
        # It goes deep: every check but these refuses some of it.
        spared = {name: {reason for reason, count in ledger[name]["refused"].items() if count == 0}
                  for name in ("frames", "datagrams")}
        self.assertLessEqual(spared["frames"], {"oversized", "fragment", "broadcast", "other_group"})
        self.assertLessEqual(spared["datagrams"], {"too_many_readings", "stale", "future"})
        self.assertGreater(ledger["fragments"]["taken"], 500)


@needs_root
class Flood(TapCase):
    def test_a_flood_on_a_tap_is_counted_to_the_frame(self):
        """What senders say they sent, not what a device says it took."""
        self.make_tap(queue_frames=20)
        sent = 0
        for seed in range(2):
            flood, _ = self.send(self.peer, "--seconds", 1, "--rate", 1000000, "--gateways", 16,
                                 "--readings-per-datagram", 2, "--seed", seed + 1)
            sent += flood["datagrams"]
        ledger = self.settled_ledger(sent)
        self.assertGreater(ledger["port"]["missed"], 0)
        self.assertEqual(ledger["datagrams"]["accepted"], ledger["port"]["received"])
        self.assertEqual(ledger["readings"]["accepted"], 2 * ledger["port"]["received"])


if __name__ == "__main__":
    main()
