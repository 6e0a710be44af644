#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The flight recorder: the frame that caused an alert is in the file that the alert caused, read by
a reader of our own, by libpcap and by `roda replay`."""
import json
import shutil
import signal
import struct
import time

from harness import GATEWAY, HOST, RODA, SOURCE, main, needs_root, run, wait_until
from journal_reader import read_alerts
from live_test import LiveCase
from pcapng_reader import read_recording

RULES = """
rules:
  - {name: value_jump, kind: jump, of: value, ratio: 3, record: RECORD}
  - {name: mean_jump, kind: jump, of: mean, ratio: 1.5}
"""


@needs_root
class Recorder(LiveCase):
    def start_on_tap(self, queues=1, frames=1024, quiet_seconds=3600, files=16):
        self.directory = self.scratch / "recordings"
        namespace = self.make_namespace("tap")
        interface = f"rt{self.tag}"
        recorder = (f"recorder: {{frames: {frames}, directory: {self.directory}, "
                    f"quiet_seconds: {quiet_seconds}, files: {files}}}\n") if frames else ""
        self.config = self.write_config(
            f"device: 'net_tap0,iface={interface}'\naddresses: [{HOST}]\nqueues: {queues}\n"
            f"network_namespace: {namespace}",
            more=recorder + RULES.replace("RECORD", "true" if frames else "false"))
        self.start_roda(self.config)
        run("ip", "-n", namespace, "addr", "add", f"{GATEWAY}/24", "dev", interface)
        run("ip", "-n", namespace, "link", "set", interface, "txqueuelen", 10000, "up")
        return namespace

    def dumps(self, cause):
        return self.metrics()[f'roda_recorder_dumps_total{{cause="{cause}"}}']

    def recordings(self):
        return sorted(self.directory.glob("*.pcapng"))

    def ask(self):
        asked = self.dumps("request")
        self.roda.send_signal(signal.SIGUSR1)
        wait_until(lambda: self.dumps("request") == asked + 1, what="a file on request")

    def check_order(self, recording):
        times = [frame.time_ns for frame in recording.frames]
        self.assertEqual(times, sorted(times))
        for frame in recording.frames:
            self.assertEqual(frame.wire_bytes, len(frame.data))

    def replayed(self, recording, via):
        done = run(RODA, "replay", "--config", self.config, "--via", via, recording)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return [line for line in lines if "rule" in line]

    def test_the_frame_that_caused_an_alert_is_in_the_file_that_it_caused(self):
        namespace = self.start_on_tap()
        run("ip", "netns", "exec", namespace, "/usr/bin/python3",
            SOURCE / "tests/e2e/stock_gateway.py", SOURCE / "proto", HOST)
        wait_until(lambda: self.dumps("rule") == 1, what="a file because of the rule")
        recording = read_recording(self.recordings()[0])
        self.assertEqual(recording.comment, "rule value_jump fired for sensor 5001")
        self.assertEqual(recording.interfaces, ["net_tap0 queue 0"])
        self.check_order(recording)
        alert = read_alerts(self.journal)[0]
        causes = [frame for frame in recording.frames if frame.time_ns == alert["receive_ns"]
                  and struct.pack("<d", 100.0) in frame.data]
        self.assertEqual(len(causes), 1, alert)

        # On request the frames since then: none is missing, none is there twice.
        self.wait_for_readings(6)
        self.ask()
        self.assertEqual(len(self.recordings()), 2)
        later = read_recording(self.recordings()[1])
        self.assertEqual(later.comment, "on request")
        both = len(recording.frames) + len(later.frames)
        wait_until(lambda: (lambda m: m["roda_recorder_frames"] + both == m["roda_frames_total"])(
            self.metrics()), what="each frame in one place")
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)

        self.check_replay(self.recordings()[0], alert)
        if tcpdump := shutil.which("tcpdump"):
            lines = run(tcpdump, "-n", "-r", self.recordings()[0]).stdout.splitlines()
            self.assertEqual(len(lines), len(recording.frames))

    def check_replay(self, path, live):
        """Both ways, ours and libpcap's, to the alert that the file was written for."""
        inline = self.replayed(path, "inline")
        keys = ("sensor_id", "rule", "transition", "value", "event_ns")
        self.assertIn({key: live[key] for key in keys},
                      [{key: alert[key] for key in keys} for alert in inline])
        self.assertEqual(inline, self.replayed(path, "port"))

    def test_two_queues_under_load_lose_nothing_while_files_are_written(self):
        namespace = self.start_on_tap(queues=2, frames=512, quiet_seconds=0, files=3)
        sent, planted = self.send(namespace, "--seconds", 3, "--rate", 40000, "--gateways", 8,
                                  "--anomalies-per-second", 5)
        self.wait_for_readings(sent["readings"])
        fired = sum(1 for alert in planted
                    if (alert["rule"], alert["transition"]) == ("value_jump", "firing"))
        self.assertGreater(fired, 5)
        wait_until(lambda: self.dumps("rule") == fired, what=f"{fired} files")
        self.assertEqual(self.metrics()["roda_recorder_dumps_failed_total"], 0)
        self.assertEqual(len(self.recordings()), 3)
        for path in self.recordings():
            recording = read_recording(path)
            self.assertEqual(recording.interfaces, ["net_tap0 queue 0", "net_tap0 queue 1"])
            self.assertLessEqual(len(recording.frames), 2 * 512)
            self.check_order(recording)
        ledger = self.check_ledger(sent)
        self.assertEqual(ledger["port"]["no_buffer"], 0)

    def test_a_worker_at_rest_answers(self):
        self.start_on_tap()
        time.sleep(1.5)  # until its naps are longest
        self.ask()
        self.assertEqual(len(self.recordings()), 1)

    def test_without_a_recorder_a_request_is_told_so(self):
        self.start_on_tap(frames=0)
        self.roda.send_signal(signal.SIGUSR1)
        wait_until(lambda: "no flight recorder" in self.log("roda.log"), what="an answer")
        self.assertTrue(self.stop_roda()["ledger"]["balanced"])
        self.assertFalse(self.directory.exists())


if __name__ == "__main__":
    main()
