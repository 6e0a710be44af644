#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Is the port a good neighbour? Kernels ask, by ARP, neighbour discovery, ping and queries for groups,
and judge by their own tables."""
import json
import re
import time

from harness import GATEWAY, HOST, SOURCE, main, needs_root, run, wait_until
from journal_reader import read_alerts
from live_test import transitions
from veth_case import VethCase

SEND_DATAGRAMS = """
import socket, sys
host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
out = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for number in range(count):
    out.sendto(b"no telemetry %d" % number, (host, port))
"""


class NeighbourCase(VethCase):
    def send_datagrams(self, namespace, host, count, port=17750):
        self.within(namespace, "/usr/bin/python3", "-c", SEND_DATAGRAMS, host, port, count)

    def refused(self, reason):
        return self.metrics()[f'roda_frames_refused_total{{reason="{reason}"}}']


@needs_root
class Reachability(NeighbourCase):
    def test_every_address_answers_ping_and_takes_telemetry(self):
        self.make_link()
        addresses = [HOST, "10.77.0.5", "fd77::1", "fd77::5"]
        self.start_on_link(*addresses, "fe80::77")
        total = 0
        for number, address in enumerate(addresses):
            self.ping(self.peer, address)
            self.ping(self.peer, address, "-s", 1400, "-M", "do")
            sent, _ = self.send(self.peer, "--seconds", 0.3, "--rate", 20000, "--first-sensor-id",
                                1 + number * 10000, to=address)
            total += sent["readings"]
        self.ping(self.peer, f"fe80::77%{self.outer}")
        self.assertNotEqual(self.ping(self.peer, "10.77.0.6", check=False).returncode, 0)
        self.wait_for_readings(total)
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["readings"]["accepted"], total)

    def test_a_tagged_peer_and_an_untagged_one_each_have_their_own_address(self):
        self.make_link()
        tagged, _ = self.plug_wire(f"vlan{self.tag}", "--vlan", 100)
        self.address(tagged, f"vlan{self.tag}", "10.78.0.2/24", "fd78::2/64")
        self.start_on_link(HOST, "fd77::1", "10.78.0.1@100", "fd78::1@100")
        total = 0
        for namespace, address in ((tagged, "10.78.0.1"), (tagged, "fd78::1"), (self.peer, HOST),
                                   (self.peer, "fd77::1")):
            self.ping(namespace, address)
            self.ping(namespace, address, "-s", 1400)
            sent, _ = self.send(namespace, "--seconds", 0.3, "--rate", 20000, "--first-sensor-id",
                                1 + total, to=address)
            total += sent["readings"]
        for namespace, interface, other in ((self.peer, self.outer, "10.78.0.1"),
                                            (tagged, f"vlan{self.tag}", HOST)):
            answer = self.within(namespace, "arping", "-c", 1, "-w", 1, "-I", interface, other,
                                 check=False)
            self.assertIn("Received 0 response", answer.stdout)
        self.wait_for_readings(total)
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["readings"]["accepted"], total)

    def test_start_corrects_what_neighbours_believe(self):
        self.make_link()
        for address in (HOST, self.host_v6):
            run("ip", "-n", self.peer, "neigh", "add", address, "lladdr", "02:00:00:00:de:ad", "dev",
                self.outer, "nud", "stale")
        self.start_on_link()
        for address in (HOST, self.host_v6):
            wait_until(lambda: self.station() in self.neighbour(self.peer, address),
                       what=f"{address}: {self.neighbour(self.peer, address)}")

    def test_questions_for_an_address_are_answered_whoever_asks_and_why(self):
        self.make_link()
        self.start_on_link()
        answer = self.within(self.peer, "arping", "-c", 2, "-I", self.outer, HOST).stdout
        self.assertIn(self.station().upper(), answer)
        self.assertIn("Received 2 response", answer)

        # Whoever wants our address for itself is told that it is taken.
        taken = self.within(self.peer, "arping", "-D", "-c", 1, "-w", 2, "-I", self.outer, HOST,
                            check=False)
        self.assertEqual(taken.returncode, 1, taken.stdout)
        free = self.within(self.peer, "arping", "-D", "-c", 1, "-w", 1, "-I", self.outer, "10.77.0.6")
        self.assertIn("Received 0 response", free.stdout)
        run("ip", "-n", self.peer, "addr", "add", f"{self.host_v6}/64", "dev", self.outer)
        addresses = lambda: run("ip", "-n", self.peer, "-6", "addr", "show", "dev", self.outer).stdout
        wait_until(lambda: "dadfailed" in addresses(), what=f"DAD to fail: {addresses()}")
        run("ip", "-n", self.peer, "addr", "del", f"{self.host_v6}/64", "dev", self.outer)

        # A kernel that doubts looks by unicast, then is sure again.
        for address in (HOST, self.host_v6):
            self.ping(self.peer, address)
            run("ip", "-n", self.peer, "neigh", "change", address, "lladdr", self.station(), "dev",
                self.outer, "nud", "probe")
            wait_until(lambda: "REACHABLE" in self.neighbour(self.peer, address),
                       what=f"{address}: {self.neighbour(self.peer, address)}")

    def test_a_ping_flood_is_limited_and_costs_neither_telemetry_nor_arp(self):
        self.make_link()
        self.start_on_link(frames=16384)
        begun = time.monotonic()
        floods = [self.start("ip", "netns", "exec", self.peer, "ping", "-q", "-i", 0, "-l", 3000, "-c",
                             8000, "-w", 2, *size, address, log=f"flood{number}.log")
                  for number, (address, size) in enumerate([(HOST, []), (self.host_v6, ["-s", 500])])]
        sent, planted = self.send(self.peer, "--seconds", 2, "--rate", 50000,
                                  "--anomalies-per-second", 25)
        arp = self.within(self.peer, "arping", "-c", 1, "-w", 2, "-I", self.outer, HOST).stdout
        for flood in floods:
            flood.wait(timeout=10)
        seconds = time.monotonic() - begun
        self.assertIn("Received 1 response", arp)
        self.wait_for_readings(sent["readings"])
        self.assertEqual(transitions(read_alerts(self.journal)), transitions(planted))
        counts = [re.search(r"(\d+) packets transmitted, (\d+) received", self.log(f"flood{i}.log"))
                  for i in range(2)]
        asked = sum(int(count[1]) for count in counts)
        answered = sum(int(count[2]) for count in counts)
        # answer_limits.hpp: 100 at once, 1,000 a second.
        self.assertGreater(asked, 6000)
        self.assertGreaterEqual(answered, 100)
        self.assertLessEqual(answered, 100 + 1000 * seconds)
        self.assertGreater(self.xstat("roda_answers_limited"), 0.9 * (asked - answered))
        self.assertEqual(self.xstat("roda_answers_lost"), 0)
        time.sleep(0.2)
        self.ping(self.peer, HOST)
        self.check_ledger(sent)

    def test_no_datagram_is_ever_answered(self):
        self.make_link()
        self.capture()
        self.start_on_link(groups=["239.1.2.3"])
        for address in (HOST, self.host_v6):  # so that nobody has to ask
            run("ip", "-n", self.peer, "neigh", "replace", address, "lladdr", self.station(), "dev",
                self.outer, "nud", "permanent")
        run("ip", "-n", self.peer, "route", "add", "default", "dev", self.outer)
        told = set(self.captured())
        sent, _ = self.send(self.peer, "--seconds", 1, "--rate", 50000)
        for address, port in ((HOST, 17750), (HOST, 9), (self.host_v6, 17750), (self.host_v6, 9),
                              ("239.1.2.3", 17750), ("239.1.2.3", 9), ("239.1.2.4", 17750),
                              ("10.77.0.255", 17750), ("255.255.255.255", 17750)):
            self.send_datagrams(self.peer, address, 50, port)
        self.wait_for_readings(sent["readings"])
        wait_until(lambda: self.refused("other_group") >= 50 and self.refused("broadcast") >= 100 and
                   self.refused("wrong_port") >= 150, what=f"refusals: {self.log('roda.log')}")
        wait_until(lambda: len(self.captured()) >= 12, what="all announcements")
        # A membership report for each version of IP, a gratuitous ARP and an advertisement.
        self.assertEqual(len(set(self.captured())), 4, self.captured())
        self.assertLessEqual(told, set(self.captured()))
        self.assertEqual(len(self.captured()), 12)
        self.assertEqual(self.xstat("roda_answers_sent"), 0)
        self.assertEqual(self.xstat("tx_good_packets"), 12)


@needs_root
class Groups(NeighbourCase):
    groups = ("239.1.2.3", "ff05::1234")

    def test_datagrams_to_a_joined_group_arrive_and_no_others(self):
        self.make_link()
        run("ip", "-n", self.peer, "route", "add", "239.0.0.0/8", "dev", self.outer)
        self.start_on_link(groups=self.groups)
        total = 0
        for number, group in enumerate(self.groups):
            sent, planted = self.send(self.peer, "--seconds", 1, "--rate", 20000, "--first-sensor-id",
                                      1 + number * 10000, "--anomalies-per-second", 20, to=group)
            self.assertGreater(len(planted), 10)
            total += sent["readings"]
            self.wait_for_readings(total)
            seen = [alert for alert in read_alerts(self.journal)
                    if (alert["sensor_id"] > 10000) == (number == 1)]
            self.assertEqual(transitions(seen), transitions(planted))
        before, datagrams = self.refused("other_group"), self.metrics()["roda_datagrams_total"]
        for group in ("239.1.2.4", "ff05::1235"):
            self.send_datagrams(self.peer, group, 100)
        wait_until(lambda: self.refused("other_group") >= before + 200, what="200 of another group")
        self.assertEqual(self.metrics()["roda_datagrams_total"], datagrams)
        self.assertTrue(self.stop_roda()["ledger"]["balanced"])


@needs_root
class Switch(NeighbourCase):
    """A kernel bridge that snoops and asks, and keeps a table of who reported what."""
    groups = ("239.1.2.3", "ff05::1234")

    def setUp(self):
        super().setUp()
        self.make_link(addressed=False)
        self.sender = self.make_namespace("sender")
        port, plug = f"vp{self.tag}", f"vs{self.tag}"
        self.within(self.peer, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
        # Hundredths of a second.
        run("ip", "-n", self.peer, "link", "add", "switch", "type", "bridge", "mcast_snooping", 1,
            "mcast_querier", 1, "mcast_igmp_version", 3, "mcast_mld_version", 2, "mcast_query_interval",
            100, "mcast_query_response_interval", 30, "mcast_membership_interval", 200,
            "mcast_startup_query_interval", 50, "mcast_startup_query_count", 2,
            "mcast_last_member_interval", 30, "mcast_last_member_count", 2)
        run("ip", "-n", self.peer, "link", "add", port, "type", "veth", "peer", "name", plug, "netns",
            self.sender)
        for name in (port, self.outer):
            run("ip", "-n", self.peer, "link", "set", name, "master", "switch", "up")
        run("ip", "-n", self.peer, "link", "set", "switch", "up")
        self.address(self.sender, plug, f"{GATEWAY}/24", f"{self.gateway_v6}/64")
        run("ip", "-n", self.sender, "route", "add", "239.0.0.0/8", "dev", plug)

    def members(self):
        """The groups that the switch has on Roda's port."""
        tables = json.loads(run("bridge", "-n", self.peer, "-j", "mdb", "show").stdout)
        return {entry["grp"] for table in tables for entry in table["mdb"]
                if entry["port"] == self.outer}

    def reach(self, wanted):
        for group in self.groups:
            self.send_datagrams(self.sender, group, 20)
        wait_until(lambda: self.metrics()["roda_datagrams_total"] >= wanted,
                   what=f"{wanted} datagrams to groups; the switch knows {self.members()}")

    def test_membership_outlives_the_announcements_in_every_version(self):
        self.start_on_link(groups=self.groups)
        announced = time.monotonic() + 3  # the last time
        wait_until(lambda: self.members() >= set(self.groups), what=f"reports: {self.members()}")
        self.reach(40)
        self.ping(self.sender, HOST)
        self.ping(self.sender, self.host_v6)  # asked for in a group as well
        for igmp, mld, total in ((3, 2, 80), (2, 1, 120)):
            run("ip", "-n", self.peer, "link", "set", "switch", "type", "bridge", "mcast_igmp_version",
                igmp, "mcast_mld_version", mld)
            time.sleep(max(announced - time.monotonic(), 0) + 2.3)  # longer than a membership
            self.assertGreaterEqual(self.members(), set(self.groups), f"IGMPv{igmp}, MLDv{mld}")
            self.reach(total)

    def test_stop_leaves_the_groups(self):
        # A minute: nothing but leaving ends a membership while this waits.
        run("ip", "-n", self.peer, "link", "set", "switch", "type", "bridge",
            "mcast_membership_interval", 6000)
        self.start_on_link(groups=self.groups)
        wait_until(lambda: self.members() >= set(self.groups), what=f"reports: {self.members()}")
        self.stop_roda()
        wait_until(lambda: not self.members() & set(self.groups), what="the groups left")


if __name__ == "__main__":
    main()
