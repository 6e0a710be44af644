# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: namespaces, the roda process, HTTP, and a runner that prints
one PASS, FAIL or SKIP line for each case."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import unittest
import urllib.request

RODA = os.environ.get("RODA", "")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
HOST = "10.77.0.1"
GATEWAY = "10.77.0.2"
RULES = """
rules:
  - {name: value_jump, kind: jump, of: value, ratio: 3}
  - {name: mean_jump, kind: jump, of: mean, ratio: 1.5, severity: critical}
"""


def run(*command, check=True, **options):
    """Runs a command to its end; its output is part of the failure when it fails."""
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def wait_until(condition, seconds=15, what="condition", every=0.05):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if condition():
                return
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {what}")


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def needs_root(test):
    return unittest.skipUnless(os.geteuid() == 0, "needs root: makes network namespaces")(test)


class Case(unittest.TestCase):
    """A test with a scratch directory and things to undo."""

    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="roda-e2e-"))
        self.addCleanup(run, "rm", "-rf", self.scratch)
        self.metrics_port = free_port()
        self.tag = f"{os.getpid() % 100000}"

    def make_namespace(self, name):
        name = f"roda-{name}-{self.tag}"
        run("ip", "netns", "add", name)
        self.addCleanup(run, "ip", "netns", "del", name, check=False)
        run("ip", "-n", name, "link", "set", "lo", "up")
        return name

    def write_config(self, port, more=RULES, alert_records=65536):
        """`port` is the YAML of the port section, one key a line. Without hugepages, unless `more`
        says otherwise: the machine's few are everybody's."""
        pages = "" if "hugepages:" in more else "hugepages: never\n"
        body = "\n".join("  " + line for line in port.strip().splitlines())
        text = (f"instance: e2e-{self.tag}\nport:\n{body}\n"
                f"alerts: {{directory: {self.scratch}, journal_records: {alert_records}}}\n"
                f"metrics: {{address: 127.0.0.1, port: {self.metrics_port}}}\n{pages}{more}")
        path = self.scratch / "roda.yaml"
        path.write_text(text)
        return path

    @property
    def journal(self):
        return self.scratch / f"e2e-{self.tag}.alerts.0"

    def start(self, *command, log="process.log"):
        """Starts a process that is stopped at the end of the test at the latest."""
        output = open(self.scratch / log, "w")
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output)
        self.addCleanup(self.stop, process)
        return process

    def stop(self, process, number=signal.SIGTERM, seconds=20):
        if process.poll() is None:
            process.send_signal(number)
        return process.wait(timeout=seconds)

    def start_roda(self, config):
        self.roda = self.start(RODA, "run", "--config", config, "--summary",
                               self.scratch / "summary.json", log="roda.log")
        wait_until(self.is_ready, what=f"ready; {self.log('roda.log')}")
        return self.roda

    def is_ready(self):
        if self.roda.poll() is not None:
            raise AssertionError(f"roda ended: {self.log('roda.log')}")
        return get(self.url("/-/ready")) is not None

    def log(self, name):
        return (self.scratch / name).read_text()

    def url(self, path):
        return f"http://127.0.0.1:{self.metrics_port}{path}"

    def metrics(self):
        """Every sample of /metrics as {series: number}."""
        lines = get(self.url("/metrics")).splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {series: float(value) for series, value in pairs}

    def stop_roda(self):
        """Stops it as an operator would; returns the summary."""
        code = self.stop(self.roda)
        self.assertEqual(code, 0, self.log("roda.log"))
        return json.loads(self.log("summary.json"))


class LineResult(unittest.TextTestResult):
    def _line(self, verdict, test, why=""):
        name = test.id().split(".", 1)[-1]
        print(f"{verdict} {name}{': ' + why if why else ''}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._line("PASS", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        traceback.print_exception(*err)
        self._line("FAIL", test, str(err[1]).splitlines()[0] if str(err[1]) else "assertion")

    def addError(self, test, err):
        super().addError(test, err)
        traceback.print_exception(*err)
        self._line("FAIL", test, repr(err[1])[:200])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("SKIP", test, reason)


def main():
    if not RODA:
        sys.exit("set RODA to the binary under test")
    runner = unittest.TextTestRunner(resultclass=LineResult, stream=open(os.devnull, "w"))
    unittest.main(module="__main__", testRunner=runner)
