#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real poll-mode drivers on PCI devices: Roda in a QEMU guest, on an emulated NIC under VFIO behind
an IOMMU; kernel sockets on the host send to it. All arrives, and is counted, to the frame."""
import time

from nic_case import SOURCE, VIRTIO, NicCase  # first: it finds the others' folder
from harness import main, wait_until
from raw_frames import DAMAGED, SOUND

LOOKED_AT = 500  # datagrams whose checksum is looked at as they are sent


class Nic(NicCase):
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
        self.assertEqual(port["received"] + port["left_at_stop"],
                         DAMAGED + SOUND + sent["datagrams"] + frames["neighbour"])

    def receive_all(self, guest, gateways=8):
        """Raw frames and telemetry; returns what the ledger must say of it."""
        self.send_raw_frames(guest)  # before the readings: when those are there, these are
        sent = self.receive(guest, gateways)
        self.assertEqual(guest.metric("roda_port_link_up"), 1)
        return sent

    def look_at_checksums(self, guest):
        """Returns what tells how many of the next datagrams the kernel left unfinished."""
        looking = self.start("ip", "netns", "exec", guest.namespace, "/usr/bin/python3",
                             SOURCE / "tests/nic/left_unfinished.py", guest.interface, LOOKED_AT,
                             log="looking")
        wait_until(lambda: "looking" in self.log("looking"), what="a look at the wire")

        def unfinished():
            self.assertEqual(looking.wait(timeout=10), 0, self.log("looking"))
            return int(self.log("looking").split()[-1])
        return unfinished

    def check_rest(self, guest, by_interrupt):
        """How idle workers sleep: woken by their queue's interrupt once it has rung for a frame, or
        a nap at a time."""
        def rests():
            guest.await_answer_to_ping()
            return set(guest.metrics("roda_shard_rests_by_interrupt").values()) == {by_interrupt}
        wait_until(rests, what=f"rests by interrupt: {by_interrupt}")

    def check_sleep(self, guest):
        """That a worker which waits for its interrupt hardly runs: 500 times a second at most, and
        an emulated processor takes some 200 us each time."""
        before, began = guest.threads()["rd:shard0"], time.monotonic()
        time.sleep(2)
        after, seconds = guest.threads()["rd:shard0"], time.monotonic() - began
        ran, times = ((now - then) / seconds for now, then in zip(after, before))
        self.assertLess(times, 550)
        self.assertLess(ran, 0.3)

    def test_e1000e_looks_at_checksums_itself_and_its_msi_x_interrupt_is_not_believed(self):
        guest = self.boot("e1000e")
        sent = self.receive_all(guest)
        self.check_rest(guest, by_interrupt=0)
        self.check_ledger(guest.stop(), sent, "net_e1000_em")

    def test_virtio_spreads_over_two_queues_frames_without_a_checksum(self):
        guest = self.boot(f"{VIRTIO},mq=on,rss=on,vectors=6", "  queues: 2\n  spread: tuple",
                          queues=2)
        unfinished = self.look_at_checksums(guest)
        sent = self.receive_all(guest, gateways=16)
        self.assertEqual(unfinished(), LOOKED_AT)
        for figure in "frames", "readings":
            shards = guest.metrics(f"roda_shard_{figure}_total")
            self.assertEqual(len(shards), 2)
            self.assertGreater(min(shards.values()), sent["datagrams"] / 8, shards)
        self.assertEqual(sum(shards.values()), sent["readings"])
        self.check_rest(guest, by_interrupt=1)
        self.check_ledger(guest.stop(), sent, "net_virtio")

    def test_virtio_whose_sender_computes_checksums(self):
        guest = self.boot(f"{VIRTIO},csum=off,guest_csum=off")
        unfinished = self.look_at_checksums(guest)
        sent = self.receive_all(guest)
        self.assertEqual(unfinished(), 0)
        self.check_ledger(guest.stop(), sent, "net_virtio")

    def test_vmxnet3_sleeps_until_its_interrupt(self):
        guest = self.boot("vmxnet3")
        sent = self.receive_all(guest)
        self.check_rest(guest, by_interrupt=1)
        self.check_sleep(guest)
        self.check_ledger(guest.stop(), sent, "net_vmxnet3")


if __name__ == "__main__":
    main()
