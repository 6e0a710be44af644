#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong at start: one clear message, exit code 1, nothing left behind."""
import os
import socket
import subprocess

from harness import Case, RODA, RULES, SOURCE, main, needs_root, run

LOOPBACK_PORT = "device: net_null0"  # a DPDK port that needs no privilege


class Refusals(Case):
    def refused(self, *command, **options):
        """Runs roda, expects exit code 1, returns what it said."""
        done = run(RODA, *command, check=False, **options)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertNotIn("terminate called", done.stderr)
        return done.stderr

    def test_every_config_fault_at_once_with_its_place(self):
        path = self.scratch / "bad.yaml"
        path.write_text("port:\n  device: net_null0\n  mtuu: 1500\n  rx_descriptors: many\n"
                        "metrics:\n  port: 99999\n")
        said = self.refused("check-config", path)
        self.assertRegex(said, r"bad\.yaml:3:3: .*mtuu.*mtu")
        self.assertRegex(said, r"bad\.yaml:4:19: ")
        self.assertRegex(said, r"bad\.yaml:6:9: ")
        self.assertEqual(self.refused("run", "--config", path), said)

    def test_missing_config_file(self):
        said = self.refused("run", "--config", self.scratch / "absent.yaml")
        self.assertRegex(said, r"absent\.yaml: .*No such file")

    def test_good_config_is_said_to_be_good(self):
        config = self.write_config(LOOPBACK_PORT)
        done = run(RODA, "check-config", config)
        self.assertRegex(done.stdout, "good")

    def test_metrics_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", self.metrics_port))
            taken.listen()
            said = self.refused("run", "--config", self.write_config(LOOPBACK_PORT))
        self.assertIn(f"127.0.0.1:{self.metrics_port}", said)
        self.assertRegex(said, "[Aa]ddress already in use")

    def test_device_that_is_not_there(self):
        said = self.refused("run", "--config", self.write_config("device: '0000:99:00.0'"))
        self.assertIn("0000:99:00.0", said)

    def test_driver_that_does_not_exist(self):
        said = self.refused("run", "--config", self.write_config("device: net_nonsense0"))
        self.assertIn("net_nonsense0", said)

    def test_network_namespace_that_is_not_there(self):
        config = self.write_config("device: net_null0\nnetwork_namespace: roda-absent")
        self.assertRegex(self.refused("run", "--config", config), "roda-absent.*ip netns add")

    def test_hugepages_required_and_none_there(self):
        # A terabyte: more than any machine that runs this has reserved.
        config = self.write_config(LOOPBACK_PORT, "hugepages: require\nmemory_mb: 1048576\n")
        self.assertRegex(self.refused("run", "--config", config), "hugepages")

    def test_capture_that_is_none(self):
        config = self.write_config(LOOPBACK_PORT)
        self.assertRegex(self.refused("replay", "--config", config, config), "roda.yaml.*pcap")
        self.assertRegex(self.refused("replay", "--config", config, "/nowhere.pcap"),
                         "/nowhere.pcap: .*No such file")

    def test_capture_that_ends_inside_a_record(self):
        whole = (SOURCE / "tests/golden/seed_alert/capture.pcap").read_bytes()
        cut = self.scratch / "cut.pcap"
        cut.write_bytes(whole[:-5])
        config = SOURCE / "tests/golden/config.yaml"
        done = run(RODA, "replay", "--config", config, cut, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "cut.pcap ends inside a record")
        self.assertIn('"frames":{"received":1,', done.stdout)

    def test_output_that_cannot_be_written(self):
        golden = SOURCE / "tests/golden"
        with open("/dev/full", "w") as full:
            done = subprocess.run([RODA, "replay", "--config", golden / "config.yaml",
                                   golden / "seed_alert/capture.pcap"], stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "standard output could not be written")

    def test_summary_that_cannot_be_written(self):
        config = self.write_config(LOOPBACK_PORT)
        said = self.refused("run", "--config", config, "--summary", "/proc/nowhere/summary.json")
        self.assertRegex(said, "/proc/nowhere/summary.json: cannot write")

    def test_tail_without_a_journal(self):
        self.assertRegex(self.refused("tail", "--journal", self.scratch / "none"), "roda run")
        garbage = self.scratch / "garbage"
        garbage.write_bytes(os.urandom(8192))
        self.assertRegex(self.refused("tail", "--journal", garbage), "no file of Roda")

    def test_alert_directory_that_cannot_be_made(self):
        config = self.write_config(LOOPBACK_PORT)
        text = config.read_text().replace(str(self.scratch), "/proc/roda")
        config.write_text(text)
        self.assertRegex(self.refused("run", "--config", config), "/proc/roda")

    def test_wrong_usage_is_exit_code_2(self):
        for command in (["run"], ["nonsense"], ["replay", "--via", "magic"], []):
            self.assertEqual(run(RODA, *command, check=False).returncode, 2, command)

    def test_help_everywhere(self):
        for command in ([], ["run"], ["check-config"], ["send"], ["replay"], ["tail"]):
            self.assertIn("--help", run(RODA, *command, "--help").stdout)
        self.assertRegex(run(RODA, "--version").stdout, r"^roda \d+\.\d+\.\d+")

    def test_a_port_with_no_traffic_drains_and_exits_0(self):
        self.start_roda(self.write_config("device: 'net_null0,no-rx=1'"))
        self.assertTrue(self.stop_roda()["ledger"]["balanced"])


@needs_root
class WithoutPrivilege(Case):
    def test_tap_without_permission(self):
        self.scratch.chmod(0o777)
        config = self.write_config("device: 'net_tap0,iface=rodadenied'", RULES)
        done = run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", RODA, "run",
                   "--config", config, check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, "net_tap0.*(CAP_NET_ADMIN|permission)")


if __name__ == "__main__":
    main()
