#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""From a reading to a page: real packets, Roda, Prometheus and Alertmanager with the files of deploy/
(but quicker), and who is called."""
import json
import pathlib
import re
import shutil
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from harness import (GATEWAY, HOST, SOURCE, Case, free_port, get, main, needs_root, run, wait_until)

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
RULES = """
inventory: {file: inventory.csv}
rules:
  - {name: tank_level, kind: limits, hihi: 95, hi: 85, labels: {team: process}}
  - {name: door_open, kind: limits, hi: 0.5, severity: info, match: {sensors: [2001]}}
"""
INVENTORY = "id,name,unit,group\n417,TI-101,bar,hall 7\n2001,Door 3,,\n"
TANK = {"alertname": "RodaAlert", "job": "roda", "rule": "tank_level", "sensor": "417",
        "name": "TI-101", "unit": "bar", "group": "hall 7", "team": "process"}
HIGH = TANK | {"severity": "warning", "level": "hi"}
HIGHEST = TANK | {"severity": "critical", "level": "hihi"}


class Pagers:
    """Takes Alertmanager's webhooks; remembers each notification as (receiver, status, labels)."""

    def __init__(self):
        calls = self.calls = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                page = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                calls.extend((self.path.strip("/"), alert["status"], alert["labels"])
                             for alert in page["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def of(self, **labels):
        return [call for call in self.calls if labels.items() <= call[2].items()]


class PagingCase(Case):
    def start_monitoring(self):
        """Prometheus, Alertmanager and the pagers, as deploy/ has them, but with seconds."""
        self.pagers = Pagers()
        self.addCleanup(self.pagers.stop)
        self.alertmanager, self.prometheus = free_port(), free_port()
        self.start_alertmanager()
        self.start_prometheus()

    def start_alertmanager(self):
        text = (SOURCE / "deploy/alertmanager.yml").read_text()
        text = text.replace("http://localhost:9095", self.pagers.url)
        text = re.sub(r"(group_wait|group_interval): \S+", r"\1: 1s", text)
        config = self.scratch / "alertmanager.yml"
        config.write_text(text)
        self.start(ALERTMANAGER, f"--config.file={config}", f"--storage.path={self.scratch}/alertmanager",
                   f"--web.listen-address=127.0.0.1:{self.alertmanager}", "--cluster.listen-address=",
                   log="alertmanager.log")
        wait_until(lambda: get(f"http://127.0.0.1:{self.alertmanager}/-/ready"), what="Alertmanager")

    def start_prometheus(self):
        rules = (SOURCE / "deploy/alert_rules.yml").read_text()
        rules = re.sub(r"\bfor: \S+", "for: 1s", rules).replace("keep_firing_for: 1m",
                                                                "keep_firing_for: 2s")
        (self.scratch / "alert_rules.yml").write_text(rules)
        text = (SOURCE / "deploy/prometheus.yml").read_text().replace("15s", "1s")
        text = text.replace("localhost:17751", f"127.0.0.1:{self.metrics_port}")
        text = text.replace("localhost:9093", f"127.0.0.1:{self.alertmanager}")
        config = self.scratch / "prometheus.yml"
        config.write_text(text)
        self.start("prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.scratch}/tsdb",
                   f"--web.listen-address=127.0.0.1:{self.prometheus}", log="prometheus.log")
        wait_until(lambda: get(f"http://127.0.0.1:{self.prometheus}/-/ready"), what="Prometheus")

    def query(self, expression):
        answer = json.loads(
            get(f"http://127.0.0.1:{self.prometheus}/api/v1/query?query={quote(expression)}"))
        return [result["metric"] for result in answer["data"]["result"]]

    def expect_page(self, receiver, status, labels):
        """Waits for the notification; `instance` is Prometheus's to name."""
        labels = labels | {"instance": f"127.0.0.1:{self.metrics_port}"}
        wait_until(lambda: (receiver, status, labels) in self.pagers.calls, seconds=40,
                   what=f"{(receiver, status, labels)} in {self.pagers.calls}")

    def routed_to_nobody(self):
        answer = json.loads(
            get(f"http://127.0.0.1:{self.alertmanager}/api/v2/alerts?receiver=nobody"))
        return [alert["labels"].get("rule") for alert in answer]


@needs_root
@unittest.skipUnless(ALERTMANAGER, "Alertmanager is not installed (package prometheus-alertmanager)")
@unittest.skipUnless(shutil.which("prometheus"), "Prometheus is not installed (package prometheus)")
class Paging(PagingCase):
    def setUp(self):
        super().setUp()
        self.namespace = self.make_namespace("tap")
        interface = f"rt{self.tag}"
        (self.scratch / "inventory.csv").write_text(INVENTORY)
        self.start_roda(self.write_config(
            f"device: 'net_tap0,iface={interface}'\naddresses: [{HOST}]\n"
            f"network_namespace: {self.namespace}", more=RULES))
        run("ip", "-n", self.namespace, "addr", "add", f"{GATEWAY}/24", "dev", interface)
        run("ip", "-n", self.namespace, "link", "set", interface, "txqueuelen", 10000, "up")
        self.start_monitoring()
        self.readings = 0

    def say(self, *readings):
        """Sends "SENSOR=VALUE" and waits until the rules have judged them."""
        run("ip", "netns", "exec", self.namespace, "/usr/bin/python3",
            pathlib.Path(__file__).with_name("value_gateway.py"), HOST, *readings)
        self.readings += len(readings)
        wait_until(lambda: self.metrics()["roda_readings_accepted_total"] >= self.readings,
                   what=f"{self.readings} readings")

    def test_an_alert_calls_who_is_to_be_called_and_nobody_else(self):
        self.say("417=50", "2001=0")

        self.say("417=90", "2001=1")
        self.expect_page("process-team", "firing", HIGH)
        self.assertEqual(self.pagers.of(severity="critical", rule="tank_level"), [])

        self.say("417=99")
        self.expect_page("pager", "firing", HIGHEST)

        self.say("417=90")
        self.expect_page("pager", "resolved", HIGHEST)
        self.say("417=50")
        self.expect_page("process-team", "resolved", HIGH)

        # The open door was seen all the time, and nobody was called for it.
        wait_until(lambda: "door_open" in self.routed_to_nobody(), what="Alertmanager to have it")
        self.assertEqual([(alert["rule"], alert["name"], alert["severity"])
                          for alert in self.query("roda_alert_active")],
                         [("door_open", "Door 3", "info")])
        self.assertEqual(self.pagers.of(rule="door_open"), [])
        receivers = {receiver for receiver, _, labels in self.pagers.calls
                     if labels.get("rule") == "tank_level"}
        self.assertEqual(receivers, {"process-team", "pager"})

    def test_where_the_outer_limit_is_passed_the_inner_one_calls_nobody(self):
        self.say("500=50")
        self.say("500=99")
        self.expect_page("pager", "firing",
                         {"alertname": "RodaAlert", "job": "roda", "rule": "tank_level", "level": "hihi",
                          "severity": "critical", "sensor": "500", "team": "process"})
        levels = lambda: sorted(alert["level"] for alert in self.query("ALERTS{sensor='500'}"))
        wait_until(lambda: levels() == ["hi", "hihi"], what="both alerts")
        time.sleep(3)  # several times as long as a page takes
        self.assertEqual(self.pagers.of(sensor="500", level="hi"), [])
        self.say("500=90")
        wait_until(lambda: self.pagers.of(sensor="500", level="hi"), seconds=40,
                   what="the inner one, which says something new now")

    def test_a_roda_that_is_gone_pages(self):
        self.say("417=90")
        self.expect_page("process-team", "firing", HIGH)
        self.roda.kill()
        self.expect_page("pager", "firing",
                         {"alertname": "RodaDown", "job": "roda", "severity": "critical"})


if __name__ == "__main__":
    main()
