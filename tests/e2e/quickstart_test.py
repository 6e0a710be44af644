#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/quickstart.sh as a new user runs it, and what it must leave behind: nothing."""
import json
import os
import signal
import subprocess

from harness import Case, SOURCE, get, main, needs_root, run, wait_until

METRICS = "http://127.0.0.1:17751"


def traces():
    """What a run could leave: processes, namespaces, interfaces, shared memory, hugepages."""
    with open("/proc/sys/vm/nr_hugepages") as pages:
        hugepages = pages.read()
    shared = sorted(os.listdir("/dev/shm"))
    roda = run("ps", "-eo", "args=").stdout.count("appliance/cli/roda ")
    return (run("ip", "netns", "list").stdout, run("ip", "-br", "link").stdout, shared, hugepages, roda,
            os.path.exists("/var/run/dpdk"))


@needs_root
class QuickStart(Case):
    def setUp(self):
        super().setUp()
        self.before = traces()
        self.output = open(self.scratch / "quickstart.log", "w")

    def start_quickstart(self, *options):
        # As from a terminal: a shell in the background ignores SIGINT, and its children with it.
        process = subprocess.Popen([SOURCE / "deploy/quickstart.sh", *options], stdout=self.output,
                                   stderr=subprocess.STDOUT, start_new_session=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.addCleanup(lambda: process.poll() is None and os.killpg(process.pid, signal.SIGKILL))
        return process

    def wait_for_readings(self, process, count):
        def there():
            self.assertIsNone(process.poll(), self.log("quickstart.log"))
            for line in get(f"{METRICS}/metrics").splitlines():
                if line.startswith("roda_readings_accepted_total "):
                    return float(line.split()[1]) >= count
            return False
        wait_until(there, seconds=500, what="readings")  # the first run builds

    def check_summary(self, process, least):
        self.assertEqual(process.wait(timeout=120), 0, self.log("quickstart.log"))
        summary = json.loads(self.log("quickstart.log").splitlines()[-1])
        self.assertGreaterEqual(summary["readings_received"], least)
        self.assertEqual(summary["readings_accepted"], summary["readings_received"])
        self.assertEqual(sum(summary["refused"].values()), 0)
        self.assertGreater(summary["alerts"], 0)
        self.assertEqual(summary["alerts"], summary["alerts_expected"])
        self.assertIs(summary["balanced"], True)
        self.assertIn("net_tap", summary["port"])
        self.assertRegex(summary["memory"], "pages")
        self.assertEqual(traces(), self.before)

    def test_twenty_seconds_give_every_planted_alert_and_leave_nothing(self):
        process = self.start_quickstart("--seconds", "20")
        self.wait_for_readings(process, 1000)
        self.assertIn("<html", get(METRICS + "/"))
        self.assertIn("roda_alerts_total{", get(METRICS + "/metrics"))
        self.check_summary(process, 100000)

    def test_ctrl_c_ends_it_the_same_way(self):
        process = self.start_quickstart()
        self.wait_for_readings(process, 50000)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        self.check_summary(process, 50000)


if __name__ == "__main__":
    main()
