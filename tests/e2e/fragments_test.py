#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Datagrams larger than a frame: cut by a kernel, put together by Roda; and pieces that get lost."""
from harness import Case, GATEWAY, HOST, SOURCE, main, needs_root, run, wait_until

HOST_V6 = "fd77::1"
GATEWAY_V6 = "fd77::2"


@needs_root
class Fragments(Case):
    def setUp(self):
        super().setUp()
        self.namespace = self.make_namespace("frag")
        self.interface = f"rt{self.tag}"
        self.start_roda(self.write_config(
            f"device: 'net_tap0,iface={self.interface}'\naddresses: [{HOST}, '{HOST_V6}']\n"
            f"network_namespace: {self.namespace}"))
        run("ip", "-n", self.namespace, "addr", "add", f"{GATEWAY}/24", "dev", self.interface)
        run("ip", "-n", self.namespace, "addr", "add", f"{GATEWAY_V6}/64", "dev", self.interface,
            "nodad")
        run("ip", "-n", self.namespace, "link", "set", self.interface, "mtu", 1500,
            "txqueuelen", 10000, "up")

    def send(self, host, device, readings, datagrams, *more):
        run("ip", "netns", "exec", self.namespace, "/usr/bin/python3",
            SOURCE / "tests/e2e/large_gateway.py", host, device, readings, datagrams, *more)

    def check(self, host, readings, pieces_each):
        datagrams = 50
        self.send(host, 7, readings, datagrams)
        wait_until(lambda: self.metrics()["roda_readings_accepted_total"] >= readings * datagrams,
                   what="all readings")
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["readings"]["accepted"], readings * datagrams)
        self.assertEqual(ledger["datagrams"]["lost"], 0)
        self.assertEqual(ledger["frames"]["reassembled"], datagrams)
        self.assertEqual(ledger["fragments"]["taken"], datagrams * pieces_each)
        self.assertEqual(ledger["fragments"]["joined"], datagrams * pieces_each)

    def test_8_kilobytes_over_ipv4(self):
        self.check(HOST, 340, 6)

    def test_8_kilobytes_over_ipv6(self):
        self.check(HOST_V6, 340, 6)

    def test_60_kilobytes_over_ipv4(self):
        self.check(HOST, 2500, 41)

    def test_60_kilobytes_over_ipv6(self):
        self.check(HOST_V6, 2500, 42)

    def test_lost_pieces_cost_their_datagrams_and_nothing_else(self):
        lost, whole, readings = 20, 30, 340
        mac = next(line.split()[1] for line in run(
            "ip", "-n", self.namespace, "link", "show", self.interface).stdout.splitlines()
            if "link/ether" in line)
        self.send(HOST, 8, readings, lost, "--omit-one", self.interface, mac)
        self.send(HOST, 9, readings, whole)
        wait_until(lambda: self.metrics()['roda_fragments_dropped_total{reason="timeout"}'] == lost * 5,
                   what="the pieces to be dropped")
        self.assertEqual(self.metrics()["roda_fragments_waiting"], 0)
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["readings"]["accepted"], readings * whole)
        self.assertEqual(ledger["fragments"]["joined"], whole * 6)
        self.assertEqual(ledger["frames"]["fragment"], lost * 5 + whole * 6)


if __name__ == "__main__":
    main()
