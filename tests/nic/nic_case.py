# SPDX-License-Identifier: Apache-2.0
"""What the tests of real drivers share: the image that is booted, telemetry sent to the guest."""
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
from harness import HOST, RODA, needs_root, wait_until  # noqa: E402
from live_test import LiveCase, transitions  # noqa: E402

NO_PACKAGES = 77  # image.sh's exit code

# Behind an IOMMU only the modern form of the device works.
VIRTIO = "virtio-net-pci,disable-legacy=on,iommu_platform=on"


@needs_root
@unittest.skipUnless(shutil.which("qemu-system-x86_64"), "needs qemu-system-x86")
class NicCase(LiveCase):
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

    def boot(self, nic, port="", queues=1):
        guest = Guest(self, self.image, nic, port, queues)
        guest.await_answer_to_ping()
        return guest

    def receive(self, guest, gateways=8):
        """Sends telemetry, which must come whole and cause exactly the planted alerts."""
        sent, planted = self.send(guest.namespace, "--seconds", 2, "--rate", 50000,
                                  "--sensors", 500, "--gateways", gateways,
                                  "--anomalies-per-second", 25)
        self.assertGreater(len(planted), 20)
        self.await_readings(guest, sent["readings"])
        wait_until(lambda: len(guest.alerts()) >= len(planted), what=f"{len(planted)} alerts")
        self.assertEqual(transitions(guest.alerts()), transitions(planted))
        return sent

    def await_readings(self, guest, count):
        wait_until(lambda: guest.metric("roda_readings_accepted_total") >= count,
                   what=f"{count} readings")

    def send_raw_frames(self, guest):
        """Frames that Roda must refuse, or never see."""
        environment = dict(os.environ, PYTHONPATH=str(SOURCE / "tests/e2e"))
        guest.run_inside("/usr/bin/python3", SOURCE / "tests/nic/raw_frames.py", guest.interface,
                         MAC, env=environment)

    def start_sending(self, guest, *options):
        """Gateways that go on while the test does something else."""
        return self.start("ip", "netns", "exec", guest.namespace, RODA, "send", "--to", HOST,
                          "--sensors", 500, "--gateways", 8, *options, log="send.log")
