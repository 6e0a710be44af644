#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Several queues and shards: kernel sockets in one network namespace, Roda with two receive queues in
another, its frames spread by the kernel's flow hash."""
import json
import subprocess
import time

from harness import HOST, GATEWAY, RODA, RULES, SOURCE, main, needs_root, run, wait_until
from journal_reader import read_alerts
from live_test import LiveCase, transitions

ROAMING_GATEWAYS = """
import socket, subprocess, sys, tempfile
with tempfile.TemporaryDirectory() as generated:
    subprocess.run(["protoc", f"--proto_path={sys.argv[1]}", f"--python_out={generated}",
                    "telemetry.proto"], check=True)
    sys.path.insert(0, generated)
    import telemetry_pb2
gateways = []
for number in range(8):
    gateways.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    gateways[-1].connect((sys.argv[2], 17750))
sequences = [0] * 8
for tick in range(1, 61):
    datagrams = [telemetry_pb2.Datagram(device_id=100 + i, boot_id=1) for i in range(8)]
    for sensor in range(1, 41):
        datagram = datagrams[(sensor + tick) % 8]
        datagram.sensor_id.append(sensor)
        datagram.value.append(100.0 if (tick * 7 + sensor) % 13 == 0 else 10.0)
        datagram.timestamp_ns.append(tick * 1000 + sensor)
    for i, datagram in enumerate(datagrams):
        sequences[i] += 1
        datagram.sequence = sequences[i]
        gateways[i].send(datagram.SerializeToString())
    print(tick, flush=True)
    sys.stdin.readline()  # the next tick is judged after this one, whatever the queues
"""


def roaming_transitions():
    """What ROAMING_GATEWAYS must cause by `value_jump` at ratio 3."""
    expected = []
    for sensor in range(1, 41):
        jumps = [tick for tick in range(1, 61) if (tick * 7 + sensor) % 13 == 0]
        for tick in jumps:
            if tick > 1:
                expected.append((sensor, tick * 1000 + sensor, "value_jump", "firing"))
                if tick < 60:
                    expected.append((sensor, (tick + 1) * 1000 + sensor, "value_jump", "resolved"))
    return sorted(expected)


@needs_root
class Shards(LiveCase):
    def start_two(self, more=RULES, frames=4096):
        """Roda on two queues of a veth pair; returns the gateways' namespace."""
        self.gateways = self.make_namespace("gw")
        host = self.make_namespace("host")
        self.outer, inner = f"vg{self.tag}", f"vh{self.tag}"
        for namespace in (self.gateways, host):  # no frames but ours: they are all counted
            run("ip", "netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                "net.ipv6.conf.default.disable_ipv6=1")
        run("ip", "-n", self.gateways, "link", "add", self.outer, "type", "veth", "peer", "name", inner,
            "netns", host)
        run("ip", "-n", self.gateways, "addr", "add", f"{GATEWAY}/24", "dev", self.outer)
        run("ip", "-n", self.gateways, "link", "set", self.outer, "up")
        run("ip", "-n", host, "link", "set", inner, "up")
        self.start_roda(self.write_config(
            f"device: 'net_af_packet0,iface={inner},qpairs=2,blocksz=65536,framesz=2048,"
            f"framecnt={frames}'\n"
            f"queues: 2\nspread: tuple\naddresses: [{HOST}]\nnetwork_namespace: {host}", more=more))
        return self.gateways

    def lanes(self):
        return [read_alerts(self.scratch / f"e2e-{self.tag}.alerts.{lane}") for lane in range(2)]

    def shard(self, figure):
        metrics = self.metrics()
        return [metrics[f'roda_shard_{figure}{{shard="{shard}"}}'] for shard in range(2)]

    def check_lanes(self, planted):
        """All that was planted, nothing else, and each alert with an id of its own."""
        lanes = self.lanes()
        self.assertEqual(transitions(lanes[0] + lanes[1]), transitions(planted))
        # An occurrence keeps its id: one firing, one end.
        ids = [(record["id"], record["transition"]) for lane in lanes for record in lane]
        self.assertEqual(len(set(ids)), len(ids))
        return lanes

    def check_sensors_apart(self, lanes):
        first, second = ({record["sensor_id"] for record in lane} for lane in lanes)
        self.assertFalse(first & second)
        self.assertTrue(first and second)

    def test_many_gateways_on_two_queues_that_share_nothing(self):
        gateways = self.start_two()
        sent, planted = self.send(gateways, "--seconds", 3, "--rate", 100000, "--sensors", 2000,
                                  "--gateways", 16, "--anomalies-per-second", 30)
        self.wait_for_readings(sent["readings"])
        self.assertGreater(len(planted), 40)
        lanes = self.check_lanes(planted)
        self.check_sensors_apart(lanes)
        self.assertEqual([{record["queue"] for record in lane} for lane in lanes], [{0}, {1}])
        frames = self.shard("frames_total")
        self.assertTrue(all(frames), frames)
        self.assertEqual(sum(self.shard("readings_total")), sent["readings"])
        self.assertEqual(sum(self.shard("sensors")), self.metrics()["roda_sensors"])
        self.check_ledger(sent)

    def test_one_elephant_is_judged_by_both_shards(self):
        gateways = self.start_two(RULES + "pipeline: {partition: sensor}\n")
        sent, planted = self.send(gateways, "--seconds", 3, "--rate", 200000, "--sensors", 2000,
                                  "--gateways", 1, "--anomalies-per-second", 30)
        self.wait_for_readings(sent["readings"])
        lanes = self.check_lanes(planted)
        self.check_sensors_apart(lanes)
        queues = {record["queue"] for lane in lanes for record in lane}
        self.assertEqual(len(queues), 1)
        frames, readings = self.shard("frames_total"), self.shard("readings_total")
        self.assertGreaterEqual(frames[queues.pop()], sent["datagrams"])
        self.assertEqual(sum(readings), sent["readings"])
        self.assertGreater(min(readings), sent["readings"] / 4)
        self.check_ledger(sent)

    def test_sensors_that_roam_between_gateways_have_one_state(self):
        rules = "rules:\n  - {name: value_jump, kind: jump, of: value, ratio: 3}\n"
        gateways = self.start_two(rules + "pipeline: {partition: sensor}\n")
        with subprocess.Popen(["ip", "netns", "exec", gateways, "/usr/bin/python3", "-c",
                               ROAMING_GATEWAYS, SOURCE / "proto", HOST], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as roaming:
            for line in roaming.stdout:
                self.wait_for_readings(int(line) * 40, every=0.005)
                print(file=roaming.stdin, flush=True)
        self.assertEqual(roaming.returncode, 0)
        lanes = self.lanes()
        self.assertEqual(transitions(lanes[0] + lanes[1]), roaming_transitions())
        self.check_sensors_apart(lanes)
        for lane in lanes:
            self.assertEqual({record["queue"] for record in lane}, {0, 1})
        self.assertEqual(self.metrics()["roda_sensors"], 40)
        self.assertTrue(self.stop_roda()["ledger"]["balanced"])

    def test_tail_follows_both_lanes(self):
        gateways = self.start_two()
        tail = self.start(RODA, "tail", "--follow", "--json", "--config", self.scratch / "roda.yaml",
                          log="tail.jsonl")
        _, planted = self.send(gateways, "--seconds", 2, "--rate", 50000, "--gateways", 16,
                               "--anomalies-per-second", 20)
        wait_until(lambda: len(self.log("tail.jsonl").splitlines()) >= len(planted), what="tail")
        self.assertEqual(self.stop(tail), 0)
        seen = [json.loads(line) for line in self.log("tail.jsonl").splitlines()]
        self.assertEqual(transitions(seen), transitions(planted))
        self.assertEqual({record["queue"] for record in seen}, {0, 1})

    def sent_frames(self):
        link, = json.loads(run("ip", "-n", self.gateways, "-s", "-j", "link", "show", self.outer).stdout)
        return link["stats64"]["tx"]["packets"]

    def flood(self, partition):
        """More than the shards take: two short rings, and senders on the same cores."""
        gateways = self.start_two(RULES + f"pipeline: {{partition: {partition}}}\n", frames=64)
        before = self.sent_frames()
        counted = self.metrics()['roda_port_frames_total{outcome="received"}']
        for seed in range(9):
            self.send(gateways, "--seconds", 2, "--rate", 1000000, "--sensors", 1000, "--gateways", 16,
                      "--readings-per-datagram", 2, "--seed", seed + 1)
            # On a machine at rest the shards may take it all, for a while.
            if seed >= 2 and self.metrics()['roda_port_frames_total{outcome="missed"}'] > 0:
                break
        sent = self.sent_frames() - before

        def taken():
            metrics = self.metrics()
            frames = [metrics[f'roda_port_frames_total{{outcome="{outcome}"}}']
                      for outcome in ("received", "missed", "error", "no_buffer")]
            return sum(frames) - counted

        wait_until(lambda: taken() >= sent, what=f"{sent} frames in the ledger; have {taken()}")
        time.sleep(0.2)
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(sum(ledger["port"][outcome] for outcome in
                             ("received", "missed", "errors", "no_buffer", "left_at_stop")),
                         sent + counted)
        self.assertGreater(ledger["port"]["missed"], 0)

    def test_a_flood_that_shards_by_gateway_cannot_take_is_counted_to_the_frame(self):
        self.flood("gateway")

    def test_a_flood_that_shards_by_sensor_cannot_take_is_counted_to_the_frame(self):
        self.flood("sensor")


if __name__ == "__main__":
    main()
