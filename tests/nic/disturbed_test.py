#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What happens to a real NIC while telemetry comes: its cable is pulled, it is pulled out itself,
and Roda stops while more comes than it takes. Nothing crashes, and every frame is in the ledger."""
import json
import time

from nic_case import VIRTIO, NicCase  # first: it finds the others' folder
from harness import main, wait_until

# Frames that a NIC may hold, or not take, as it is stopped; no counter of QEMU's shows them.
IN_FLIGHT = 64


class Disturbed(NicCase):
    def pull_the_cable(self, guest):
        """Twice, while telemetry comes: the queues receive again, and what did not come shows as
        gaps in the devices' sequences. Returns how many datagrams were lost so."""
        sending = self.start_sending(guest, "--seconds", 0, "--rate", 50000)
        for _ in range(2):
            self.await_more_readings(guest)
            guest.set_link(up=False)
            time.sleep(0.2)
            guest.set_link(up=True)
        self.await_more_readings(guest)
        self.assertEqual(self.stop(sending), 0, self.log("send.log"))
        sent = json.loads(self.log("send.log").splitlines()[-1])["datagrams"]
        counts = {}

        def all_there():
            counts.update(guest.metrics("roda_datagrams_accepted_total", "roda_datagrams_lost"))
            return sum(counts.values()) == sent
        wait_until(all_there, what=f"{sent} datagrams, lost or not; have {counts}")
        return counts["roda_datagrams_lost"]

    def await_more_readings(self, guest):
        before = guest.metric("roda_readings_accepted_total")
        wait_until(lambda: guest.metric("roda_readings_accepted_total") > before + 5000,
                   what="more readings")

    def test_e1000e_receives_again_after_its_cable_was_out_and_stops_under_a_flood(self):
        guest = self.boot("e1000e")
        self.pull_the_cable(guest)
        self.start_sending(guest, "--seconds", 0, "--rate", 5000000)
        time.sleep(1)
        ledger = guest.stop()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        port = ledger["port"]
        counted = sum(port[outcome] for outcome in
                      ("received", "missed", "errors", "no_buffer", "left_at_stop"))
        self.assertLessEqual(abs(guest.sent_frames() - counted), IN_FLIGHT, port)

    def test_virtio_receives_again_after_its_cable_was_out_and_is_unplugged(self):
        guest = self.boot(VIRTIO)
        self.assertGreater(self.pull_the_cable(guest), 0)
        self.start_sending(guest, "--seconds", 0, "--rate", 50000)
        self.await_more_readings(guest)
        guest.unplug()
        wait_until(lambda: guest.metric("roda_port_removed") == 1, what="the device to be gone")
        self.assertEqual(guest.metric("roda_port_link_up"), 0)
        self.assertIn("0000:01:00.0 is gone", guest.console)
        ledger = guest.stop(code=1)["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertGreater(ledger["readings"]["accepted"], 0)


if __name__ == "__main__":
    main()
