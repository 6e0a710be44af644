#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real packets: kernel sockets in one network namespace, Roda on a DPDK port in another."""
import json
import pathlib
from urllib.parse import quote

from harness import (Case, GATEWAY, HOST, RODA, SOURCE, free_port, get, main, needs_root, run,
                     wait_until)
from journal_reader import read_alerts


def transitions(records):
    """What identifies a transition, in an order that does not depend on the gateways' race."""
    keys = ("sensor_id", "event_ns", "rule", "transition")
    return sorted(tuple(record[key] for key in keys) for record in records)


class LiveCase(Case):
    def send(self, namespace, *options, to=HOST):
        """Runs gateways to their end; returns (summary, planted transitions)."""
        planted = self.scratch / "planted.jsonl"
        done = run("ip", "netns", "exec", namespace, RODA, "send", "--to", to, "--planted", planted,
                   *options)
        lines = planted.read_text().splitlines()
        return json.loads(done.stdout.splitlines()[-1]), [json.loads(line) for line in lines]

    def wait_for_readings(self, count, **options):
        wait_until(lambda: self.metrics()["roda_readings_accepted_total"] >= count,
                   what=f"{count} readings; have {self.metrics()['roda_readings_accepted_total']}",
                   **options)

    def tap(self, alert_records=65536):
        """Roda on a tap port whose kernel side lies in the returned namespace."""
        namespace = self.make_namespace("tap")
        interface = f"rt{self.tag}"
        self.start_roda(self.write_config(
            f"device: 'net_tap0,iface={interface}'\naddresses: [{HOST}]\n"
            f"network_namespace: {namespace}", alert_records=alert_records))
        run("ip", "-n", namespace, "addr", "add", f"{GATEWAY}/24", "dev", interface)
        run("ip", "-n", namespace, "link", "set", interface, "txqueuelen", 10000, "up")
        return namespace

    def check_planted(self, namespace, *options):
        sent, planted = self.send(namespace, *options)
        self.assertGreater(len(planted), 20)
        self.assertEqual(sent["alerts_expected"], len(planted))
        self.wait_for_readings(sent["readings"])
        self.assertEqual(transitions(read_alerts(self.journal)), transitions(planted))
        return sent, planted

    def check_ledger(self, sent):
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"], ledger)
        self.assertEqual(ledger["readings"]["received"], sent["readings"])
        self.assertEqual(ledger["readings"]["accepted"], sent["readings"])
        self.assertEqual(ledger["datagrams"]["accepted"], sent["datagrams"])
        self.assertEqual(ledger["datagrams"]["lost"], 0)
        self.assertEqual(ledger["alerts"], sent["alerts_expected"])
        return ledger


@needs_root
class Tap(LiveCase):
    def test_kernel_senders_cause_exactly_the_planted_alerts(self):
        namespace = self.tap()
        sent, _ = self.check_planted(namespace, "--seconds", 4, "--rate", 100000, "--sensors", 2000,
                                     "--gateways", 8, "--anomalies-per-second", 25)
        metrics = self.metrics()
        self.assertEqual(metrics["roda_datagrams_accepted_total"], sent["datagrams"])
        self.check_ledger(sent)

    def test_roda_answers_arp_and_ping_and_sends_nothing_else(self):
        namespace = self.tap()
        run("ip", "netns", "exec", namespace, "ping", "-c", 3, "-i", 0.2, "-W", 2, HOST)
        neighbours = run("ip", "-n", namespace, "neigh", "show", HOST).stdout
        self.assertIn("lladdr", neighbours)
        self.assertGreaterEqual(self.metrics()["roda_frames_neighbour_total"], 4)
        # Three rounds of announcements, one answer for each question; never one for a datagram.
        self.send(namespace, "--seconds", 1, "--rate", 20000)
        metrics = self.metrics()
        self.assertLessEqual(metrics['roda_port_xstat{name="tx_good_packets"}'],
                             3 + metrics["roda_frames_neighbour_total"])

    def test_every_form_of_the_schema_arrives(self):
        namespace = self.tap()
        total = 0
        for number, form in enumerate(["columns", "narrow", "rows"]):
            sent, _ = self.send(namespace, "--seconds", 0.5, "--rate", 20000, "--form", form,
                                "--first-sensor-id", 1 + number * 10000, "--readings-per-datagram", 40,
                                "--seed", 1 + number)
            total += sent["readings"]
        self.wait_for_readings(total)
        self.assertTrue(self.stop_roda()["ledger"]["balanced"])

    def test_a_stock_protobuf_library_in_python_is_received_and_counted(self):
        namespace = self.tap()
        program = SOURCE / "tests/e2e/stock_gateway.py"
        run("ip", "netns", "exec", namespace, "/usr/bin/python3", program, SOURCE / "proto", HOST)
        self.wait_for_readings(6)
        records = read_alerts(self.journal)
        self.assertEqual([(r["sensor_id"], r["rule"], r["transition"], r["device_id"], r["value"])
                          for r in records],
                         [(5001, "value_jump", "firing", 99, 100.0),
                          (5001, "mean_jump", "firing", 99, 55.0),
                          (5001, "value_jump", "resolved", 99, 100.0),
                          (5001, "mean_jump", "resolved", 99, 70.0)])

    def test_random_bytes_are_one_counted_refusal_each(self):
        namespace = self.tap()
        program = ("import random, socket, time\n"
                   "noise = random.Random(7)\n"
                   "out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                   f"out.connect(('{HOST}', 17750))\n"
                   "for i in range(500):\n"
                   "    out.send(noise.randbytes(noise.randrange(1, 1400)))\n"
                   "    time.sleep(0.02 if i < 5 else 0.0005)\n")
        run("ip", "netns", "exec", namespace, "/usr/bin/python3", "-c", program)
        wait_until(lambda: self.metrics()["roda_datagrams_total"] >= 500, what="500 datagrams")
        ledger = self.stop_roda()["ledger"]
        self.assertTrue(ledger["balanced"])
        self.assertEqual(sum(ledger["datagrams"]["refused"].values()) + ledger["datagrams"]["accepted"],
                         500)
        self.assertGreaterEqual(ledger["datagrams"]["refused"]["malformed"], 490)

    def test_tail_follows_as_a_local_consumer(self):
        namespace = self.tap()
        tail = self.start(RODA, "tail", "--follow", "--json", "--from", "start", "--journal",
                          self.journal, log="tail.jsonl")
        _, planted = self.check_planted(namespace, "--seconds", 2, "--rate", 50000,
                                        "--anomalies-per-second", 20)
        wait_until(lambda: len(self.log("tail.jsonl").splitlines()) >= len(planted), what="tail")
        self.assertEqual(self.stop(tail), 0)
        seen = [json.loads(line) for line in self.log("tail.jsonl").splitlines()]
        self.assertEqual(transitions(seen), transitions(planted))

    def test_tail_goes_over_to_a_replaced_journal(self):
        self.start_roda(self.write_config("device: 'net_null0,no-rx=1'"))
        tail = self.start(RODA, "tail", "--follow", "--json", "--journal", self.journal,
                          log="tail.jsonl")
        maps = pathlib.Path(f"/proc/{tail.pid}/maps")
        wait_until(lambda: str(self.journal) in maps.read_text(), what="tail on the old journal")
        self.stop_roda()
        namespace = self.tap(alert_records=131072)
        _, planted = self.send(namespace, "--seconds", 1, "--rate", 50000)
        seen = lambda: [json.loads(line) for line in self.log("tail.jsonl").splitlines()
                        if line.startswith("{")]
        wait_until(lambda: len(seen()) >= len(planted), what="tail on the new journal")
        self.assertEqual(transitions(seen()), transitions(planted))
        self.assertIn("the journal was replaced", self.log("tail.jsonl"))
        self.assertEqual(self.stop(tail), 0)

    def test_a_second_writer_of_the_same_instance_is_refused(self):
        self.tap()
        second = run(RODA, "run", "--config", self.scratch / "roda.yaml", check=False)
        self.assertEqual(second.returncode, 1)
        self.assertRegex(second.stderr, "another process writes this file|in use|busy")


@needs_root
class Veth(LiveCase):
    def test_af_packet_port_with_prometheus_scraping(self):
        gateways = self.make_namespace("gw")
        host = self.make_namespace("host")
        outer, inner = f"vg{self.tag}", f"vh{self.tag}"
        run("ip", "-n", gateways, "link", "add", outer, "type", "veth", "peer", "name", inner, "netns",
            host)
        run("ip", "-n", gateways, "addr", "add", f"{GATEWAY}/24", "dev", outer)
        run("ip", "-n", gateways, "link", "set", outer, "up")
        run("ip", "-n", host, "link", "set", inner, "up")
        self.start_roda(self.write_config(
            f"device: 'net_af_packet0,iface={inner},blocksz=65536,framesz=2048,framecnt=4096'\n"
            f"addresses: [{HOST}]\nnetwork_namespace: {host}"))
        prometheus = self.start_prometheus()

        sent, planted = self.check_planted(gateways, "--seconds", 4, "--rate", 50000, "--sensors", 1000,
                                           "--anomalies-per-second", 20)
        fired = sum(1 for p in planted if p["rule"] == "value_jump" and p["transition"] == "firing")
        wanted = {
            'roda_alerts_total{rule="value_jump",severity="warning",transition="firing"}': [fired],
            "roda_readings_accepted_total": [sent["readings"]],
            "roda_ledger_balanced": [1]}
        seen = lambda: {query: self.query(prometheus, query) for query in wanted}
        wait_until(lambda: seen() == wanted, what=f"Prometheus to see {wanted}")

        checked = run("promtool", "check", "metrics", input=get(self.url("/metrics")))
        self.assertEqual(checked.stdout + checked.stderr, "")
        self.check_ledger(sent)

    def start_prometheus(self):
        port = free_port()
        config = self.scratch / "prometheus.yml"
        config.write_text("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: roda\n"
                          f"  static_configs: [{{targets: ['127.0.0.1:{self.metrics_port}']}}]\n")
        self.start("prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.scratch}/tsdb",
                   f"--web.listen-address=127.0.0.1:{port}", log="prometheus.log")
        wait_until(lambda: get(f"http://127.0.0.1:{port}/-/ready"), what="Prometheus")
        return port

    def query(self, port, expression):
        answer = json.loads(get(f"http://127.0.0.1:{port}/api/v1/query?query={quote(expression)}"))
        return [float(result["value"][1]) for result in answer["data"]["result"]]


if __name__ == "__main__":
    main()
