# SPDX-License-Identifier: Apache-2.0
"""Roda on one end of a veth pair; the other end, and what is plugged into it, is the tests'."""
from harness import GATEWAY, HOST, RULES, SOURCE, run, wait_until
from live_test import LiveCase


class VethCase(LiveCase):
    host_v6 = "fd77::1"
    gateway_v6 = "fd77::2"

    def make_link(self, addressed=True):
        """`self.outer` in the namespace `self.peer`, with the gateway's addresses; Roda's end is not
        the kernel's to answer for."""
        self.peer, self.host = self.make_namespace("peer"), self.make_namespace("host")
        self.outer, self.inner = f"vg{self.tag}", f"vh{self.tag}"
        self.silence_v6(self.host)
        run("ip", "-n", self.peer, "link", "add", self.outer, "type", "veth", "peer", "name", self.inner,
            "netns", self.host)
        if addressed:
            self.address(self.peer, self.outer, f"{GATEWAY}/24", f"{self.gateway_v6}/64")
        run("ip", "-n", self.host, "link", "set", self.inner, "up")

    def silence_v6(self, namespace):
        """No frames of the kernel's own making."""
        run("ip", "netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
            "net.ipv6.conf.default.disable_ipv6=1")

    def address(self, namespace, interface, *addresses):
        for address in addresses:
            nodad = ["nodad"] if ":" in address else []
            run("ip", "-n", namespace, "addr", "add", address, "dev", interface, *nodad)
        run("ip", "-n", namespace, "link", "set", interface, "up")

    def start_on_link(self, *addresses, groups=(), more=RULES, frames=4096):
        addresses = ", ".join(f"'{address}'" for address in addresses or (HOST, self.host_v6))
        groups = ", ".join(f"'{group}'" for group in groups)
        self.start_roda(self.write_config(
            f"device: 'net_af_packet0,iface={self.inner},blocksz=65536,framesz=2048,framecnt={frames}'\n"
            f"addresses: [{addresses}]\ngroups: [{groups}]\nnetwork_namespace: {self.host}", more=more))

    def plug_wire(self, tap, *options):
        """A kernel of its own behind a wire into the link; returns (its namespace, the wire)."""
        log = f"{tap}.log"
        wire = self.start("ip", "netns", "exec", self.peer, "/usr/bin/python3",
                          SOURCE / "tests/e2e/wire.py", tap, self.outer, *options, log=log)
        wait_until(lambda: "plugged" in self.log(log) or wire.poll() is not None, what="the wire")
        self.assertIsNone(wire.poll(), self.log(log))
        namespace = self.make_namespace(tap)
        run("ip", "-n", self.peer, "link", "set", tap, "netns", namespace)
        run("ip", "-n", namespace, "link", "set", tap, "txqueuelen", 10000)
        return namespace, wire

    def capture(self, log="capture.log"):
        """Prints what comes to the outer end into `log`."""
        self.start("ip", "netns", "exec", self.peer, "/usr/bin/python3",
                   SOURCE / "tests/e2e/capture.py", self.outer, log=log)
        wait_until(lambda: "listening" in self.log(log), what="the capture")

    def captured(self, log="capture.log"):
        return self.log(log).split("\n")[1:-1]

    def within(self, namespace, *command, check=True):
        return run("ip", "netns", "exec", namespace, *command, check=check)

    def ping(self, namespace, address, *options, check=True):
        return self.within(namespace, "ping", "-c", 2, "-i", 0.05, "-W", 1, *options, address, check=check)

    def neighbour(self, namespace, address):
        """The line of the kernel's neighbour table, or nothing."""
        return run("ip", "-n", namespace, "neigh", "show", address).stdout.strip()

    def station(self):
        """The MAC address of Roda's port."""
        words = run("ip", "-n", self.host, "link", "show", self.inner).stdout.split()
        return words[words.index("link/ether") + 1]

    def xstat(self, name):
        return self.metrics()[f'roda_port_xstat{{name="{name}"}}']
