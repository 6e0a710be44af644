#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The kernel on a port that it does not have: TCP and ping through the exception interface while
telemetry flows. The interface is moved into a namespace of its own, so that nothing reaches it but
through Roda."""
import json

from harness import Case, GATEWAY, HOST, RODA, main, needs_root, run, wait_until

KERNEL = "10.77.0.9"
ECHO = """
import socket, sys
server = socket.create_server((sys.argv[1], 2222))
peer, _ = server.accept()
while data := peer.recv(65536):
    peer.sendall(data)
"""
TALK = """
import socket, sys
peer = socket.create_connection((sys.argv[1], 2222), timeout=10)
sent = bytes(range(256)) * 4096
peer.settimeout(30)
import threading
threading.Thread(target=lambda: (peer.sendall(sent), peer.shutdown(socket.SHUT_WR))).start()
back = b""
while data := peer.recv(65536):
    back += data
sys.exit(back != sent)
"""


@needs_root
class Exceptions(Case):
    def setUp(self):
        super().setUp()
        self.peer = self.make_namespace("peer")
        self.kernel = self.make_namespace("kernel")
        self.interface = f"rt{self.tag}"
        self.exception = f"rx{self.tag}"
        self.start_roda(self.write_config(
            f"device: 'net_tap0,iface={self.interface}'\naddresses: [{HOST}]\n"
            f"exception_interface: {self.exception}\nnetwork_namespace: {self.peer}"))
        run("ip", "-n", self.peer, "link", "set", self.exception, "netns", self.kernel)
        for namespace, address, interface in ((self.peer, GATEWAY, self.interface),
                                              (self.kernel, KERNEL, self.exception)):
            run("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", interface)
            run("ip", "-n", namespace, "link", "set", interface, "txqueuelen", 10000, "up")

    def within(self, namespace, *command):
        return run("ip", "netns", "exec", namespace, *command)

    def test_ping_reaches_the_kernel(self):
        self.within(self.peer, "ping", "-c", 5, "-i", 0.2, "-W", 2, KERNEL)
        metrics = self.metrics()
        for direction in ("to_kernel", "from_kernel"):
            series = f'roda_exception_frames_total{{direction="{direction}",outcome="passed"}}'
            self.assertGreaterEqual(metrics[series], 5)

    def test_tcp_works_while_telemetry_flows(self):
        self.start("ip", "netns", "exec", self.kernel, "/usr/bin/python3", "-c", ECHO, KERNEL)
        wait_until(lambda: "2222" in self.within(self.kernel, "ss", "-tln").stdout, what="the server")
        gateways = self.start("ip", "netns", "exec", self.peer, RODA, "send", "--to", HOST,
                              "--seconds", 4, "--rate", 20000, log="send.log")
        self.within(self.peer, "/usr/bin/python3", "-c", TALK, KERNEL)
        self.assertEqual(gateways.wait(timeout=20), 0)
        sent = json.loads(self.log("send.log").splitlines()[-1])
        wait_until(lambda: self.metrics()["roda_readings_accepted_total"] >= sent["readings"],
                   what="all readings")
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["readings"]["accepted"], sent["readings"])
        # A busy kernel side may lose some (TCP repeats them); none unaccounted.
        exceptions = ledger["exceptions"]
        self.assertGreater(exceptions["delivered"], 500)
        self.assertGreaterEqual(exceptions["diverted"], ledger["frames"]["diverted"])  # + ARP replies
        self.assertEqual(exceptions["diverted"], exceptions["delivered"] + exceptions["rejected"])

    def test_frames_for_nobody_are_counted(self):
        before = self.metrics()["roda_frames_diverted_total"]
        self.within(self.peer, "ip", "neigh", "add", "10.77.0.77", "lladdr", "02:00:00:00:00:77",
                    "dev", self.interface)
        self.within(self.peer, "/usr/bin/python3", "-c",
                    "import socket\nout = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                    "for _ in range(100): out.sendto(b'x', ('10.77.0.77', 9))")
        wait_until(lambda: self.metrics()["roda_frames_diverted_total"] >= before + 100,
                   what="100 frames for nobody")
        self.assertTrue(self.stop_roda()["ledger"]["balanced"])


if __name__ == "__main__":
    main()
