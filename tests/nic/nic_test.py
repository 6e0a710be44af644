#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real poll-mode drivers on PCI devices: Roda in a QEMU guest, on an emulated NIC under VFIO behind
an IOMMU; kernel sockets on the host send to it."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/e2e"))

from guest import MAC, Guest  # noqa: E402
from harness import HOST, RODA, main, needs_root, wait_until  # noqa: E402
from live_test import LiveCase, transitions  # noqa: E402
from raw_frames import DAMAGED, SOUND  # noqa: E402

NO_PACKAGES = 77  # image.sh's exit code


@needs_root
@unittest.skipUnless(shutil.which("qemu-system-x86_64"), "needs qemu-system-x86")
class Nic(LiveCase):
    @classmethod
    def setUpClass(cls):
        image = tempfile.TemporaryDirectory(prefix="roda-nic-")
        cls.addClassCleanup(image.cleanup)
        cls.image = pathlib.Path(image.name)
        made = subprocess.run([SOURCE / "tests/nic/image.sh", RODA, cls.image], text=True,
                              capture_output=True)
        if made.returncode == NO_PACKAGES:
            raise unittest.SkipTest(made.stderr.strip())
        assert made.returncode == 0, made.stderr

    def boot(self, nic, port=""):
        guest = Guest(self, self.image, nic, port)
        guest.await_answer_to_ping()
        return guest

    def receive(self, guest):
        """Sends telemetry, which must come whole and cause exactly the planted alerts."""
        sent, planted = self.send(guest.namespace, "--seconds", 2, "--rate", 50000,
                                  "--sensors", 500, "--gateways", 8, "--anomalies-per-second", 25)
        self.assertGreater(len(planted), 20)
        accepted = "roda_readings_accepted_total"
        wait_until(lambda: guest.metric(accepted) >= sent["readings"],
                   what=f"{sent['readings']} readings")
        wait_until(lambda: len(guest.alerts()) >= len(planted), what=f"{len(planted)} alerts")
        self.assertEqual(transitions(guest.alerts()), transitions(planted))
        return sent

    def send_raw_frames(self, guest):
        """Frames that Roda must refuse, or never see."""
        environment = dict(os.environ, PYTHONPATH=str(SOURCE / "tests/e2e"))
        guest.run_inside("/usr/bin/python3", SOURCE / "tests/nic/raw_frames.py", guest.interface,
                         MAC, env=environment)

    def check_ledger(self, summary, sent, driver):
        """Nothing but what was sent, each refusal for its reason."""
        self.assertEqual(summary["driver"], driver)
        ledger = summary["ledger"]
        port, frames, datagrams = ledger["port"], ledger["frames"], ledger["datagrams"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual((port["missed"], port["errors"], port["no_buffer"]), (0, 0, 0))
        self.assertEqual({reason: count for reason, count in frames["refused"].items() if count},
                         {"bad_udp_checksum": DAMAGED})
        self.assertEqual({reason: count for reason, count in datagrams["refused"].items() if count},
                         {"malformed": SOUND})
        self.assertEqual((datagrams["accepted"], datagrams["lost"]), (sent["datagrams"], 0))
        self.assertEqual(ledger["readings"]["accepted"], sent["readings"])
        self.assertEqual(ledger["alerts"], sent["alerts_expected"])
        self.assertEqual(port["received"],
                         DAMAGED + SOUND + sent["datagrams"] + frames["neighbour"])

    def check(self, guest, driver):
        self.send_raw_frames(guest)  # before the readings: when those are there, these are
        sent = self.receive(guest)
        self.assertEqual(guest.metric("roda_port_link_up"), 1)
        self.check_ledger(guest.stop(), sent, driver)

    def sender_leaves_checksums(self, guest):
        """Whether the kernel hands frames to the NIC without their UDP checksum."""
        features = guest.run_inside("ethtool", "-k", guest.interface).stdout
        return "tx-checksum-ip-generic: on" in features

    def test_e1000e_receives_and_raises_exactly_the_planted_alerts(self):
        self.check(self.boot("e1000e"), "net_e1000_em")

    def test_virtio_takes_frames_whose_checksum_a_local_sender_left_out(self):
        guest = self.boot(VIRTIO)
        self.assertTrue(self.sender_leaves_checksums(guest))
        self.check(guest, "net_virtio")

    def test_virtio_without_checksum_offload(self):
        guest = self.boot(f"{VIRTIO},csum=off,guest_csum=off")
        self.assertFalse(self.sender_leaves_checksums(guest))
        self.check(guest, "net_virtio")

    def test_vmxnet3_receives_and_raises_exactly_the_planted_alerts(self):
        self.check(self.boot("vmxnet3"), "net_vmxnet3")


# Behind an IOMMU only the modern form of the device works.
VIRTIO = "virtio-net-pci,disable-legacy=on,iommu_platform=on"

if __name__ == "__main__":
    main()
