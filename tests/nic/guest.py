# SPDX-License-Identifier: Apache-2.0
"""Roda in a QEMU guest, its NIC at the other end of a tap interface in a network namespace.
Everything that the guest is told and tells goes over its two serial ports; see init."""
import json
import re
import subprocess

from harness import GATEWAY, HOST, RULES, run, wait_until
from monitor import Monitor

MAC = "52:54:00:12:34:56"
# TCG emulates the processor: /dev/kvm is not needed, and no case depends on speed.
MACHINE = ["-accel", "tcg,thread=multi", "-machine", "q35", "-cpu", "max", "-smp", "2", "-m", "320",
           "-nodefaults", "-display", "none", "-no-reboot", "-device", "intel-iommu,intremap=on",
           "-device", "pcie-root-port,id=plug,chassis=1,slot=1,addr=3"]  # that can be unplugged
# The kernel's test of its timer is one of time, which fails when the host is busy.
KERNEL = "console=ttyS0 quiet panic=-1 no_timer_check hugepages=48 intel_iommu=on iommu=pt"
CONFIG = """
instance: guest
hugepages: require
memory_mb: 32
port:
  device: "0000:01:00.0"
  addresses: [{address}]
  buffers: 4096
{port}
pipeline: {{max_sensors: 4096, journal_records: 65536}}
alerts: {{journal_records: 4096}}
{rules}
"""


class Guest:
    def __init__(self, case, image, nic, port="", queues=1):
        """Boots it and waits until Roda receives. `nic` is a QEMU device with its properties,
        `port` more lines of the config's port section. Ends with the case at the latest."""
        self.queues = queues
        self.scratch = case.scratch
        self.namespace = case.make_namespace("nic")
        self.interface = f"rn{case.tag}"
        self._make_wire()
        self._write_initrd(image, CONFIG.format(address=HOST, port=port, rules=RULES))
        case.addCleanup(self._end)
        self._start(image, nic)
        try:
            self.await_words("guest: ready", seconds=60)
        except AssertionError:
            # Seen once in hundreds: the emulated machine stands still before its first word.
            if self.console:
                raise
            self._end()
            self._start(image, nic)
            self.await_words("guest: ready", seconds=60)
        self.monitor = Monitor(self.scratch / "qmp")
        case.addCleanup(self.monitor.close)

    def _start(self, image, nic):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, "setpriv", "--pdeathsig", "TERM",
             "qemu-system-x86_64", *MACHINE, "-kernel", image / "vmlinuz",
             "-initrd", self.scratch / "initrd", "-append", KERNEL,
             "-netdev", f"tap,id=wire,ifname={self.interface},queues={self.queues},script=no,"
             "downscript=no",
             "-device", f"{nic},netdev=wire,mac={MAC},id=nic,bus=plug,romfile=",
             "-qmp", f"unix:{self.scratch / 'qmp'},server=on,wait=off",
             "-serial", "stdio", "-serial", f"file:{self.scratch / 'data'}"],
            stdin=subprocess.PIPE, stdout=open(self.scratch / "console", "w"),
            stderr=subprocess.STDOUT, text=True)

    def _end(self):
        """At the end of the case, whatever became of it: nothing in the guest is worth a wait."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()

    def _make_wire(self):
        """The kernel's end of the NIC's cable."""
        # Without IPv6 the kernel says nothing on it by itself but ARP.
        run("ip", "netns", "exec", self.namespace, "sysctl", "-qw",
            "net.ipv6.conf.default.disable_ipv6=1", check=False)
        run("ip", "-n", self.namespace, "tuntap", "add", "dev", self.interface, "mode", "tap",
            *(["multi_queue"] if self.queues > 1 else []))
        run("ip", "-n", self.namespace, "address", "add", f"{GATEWAY}/24", "dev", self.interface)
        # A long queue rides out the moments when the guest's processors do not run.
        run("ip", "-n", self.namespace, "link", "set", self.interface, "txqueuelen", "10000", "up")

    def _write_initrd(self, image, config):
        """The image and this case's config: archives one after the other are one to the kernel."""
        (self.scratch / "roda.yaml").write_text(config)
        with open(self.scratch / "initrd", "wb") as initrd:
            initrd.write((image / "image.cpio").read_bytes())
            initrd.flush()
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=self.scratch,
                           input=b"roda.yaml\n", stdout=initrd, check=True)

    @property
    def console(self):
        return (self.scratch / "console").read_text(errors="replace")

    def await_words(self, pattern, count=1, seconds=15):
        """Waits until the guest has said `pattern` so often; returns what it said last."""
        def said():
            found = re.findall(pattern, self.console)
            assert "guest: failed" not in self.console, "the guest failed"
            assert found or self.process.poll() is None, "the guest ended"
            return found if len(found) >= count else None
        try:
            wait_until(said, seconds, f"{pattern!r} from the guest")
        except AssertionError as late:
            raise AssertionError(f"{late}; it said:\n{self.console}") from None
        return said()[-1]

    def say(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def ask(self, words):
        """Gives an order to the guest; returns what it said to it, in lines."""
        before = len(self.console)
        done = len(re.findall("guest: done", self.console))
        self.say(words)
        self.await_words("guest: done", done + 1)
        return self.console[before:].splitlines()[:-1]

    def metrics(self, *names):
        """Every sample of these metrics, as {series: number}."""
        samples = re.findall(r"^(\w+(?:{.*})?) ([-+0-9.e]+)$",
                             "\n".join(self.ask("metrics " + "|".join(names))), re.MULTILINE)
        return {series: float(number) for series, number in samples}

    def metric(self, name):
        """The sample of a metric that has one."""
        return self.metrics(name)[name]

    def threads(self):
        """What the scheduler has seen of Roda's threads: {name: (seconds run, times it ran)}."""
        tasks = [line.split() for line in self.ask("threads")]
        return {task[0]: (int(task[1]) / 1e9, int(task[3])) for task in tasks if len(task) == 4}

    def _data(self):
        """What came on the data port, in whole lines."""
        lines = (self.scratch / "data").read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def alerts(self):
        return [record for record in self._data() if "rule" in record]

    def run_inside(self, *command, **options):
        """Runs a command on the kernel's end of the cable."""
        return run("ip", "netns", "exec", self.namespace, *command, **options)

    def await_answer_to_ping(self):
        """Until the link is up, which takes some NICs two seconds, and Roda has answered on it."""
        ping = ("ping", "-c", 1, "-W", 1, HOST)
        wait_until(lambda: self.run_inside(*ping, check=False).returncode == 0,
                   what="an answer to ping")

    def sent_frames(self):
        """What the kernel has put on the cable and QEMU has taken off it."""
        link, = json.loads(self.run_inside("ip", "-s", "-j", "link", "show", self.interface).stdout)
        return link["stats64"]["tx"]["packets"]

    def set_link(self, up):
        """Plugs the cable in or out."""
        self.monitor.order("set_link", name="nic", up=up)
        wait_until(lambda: self.metric("roda_port_link_up") == int(up), what=f"link up: {up}")

    def unplug(self):
        """Asks for the NIC back, as the bus does, and waits until the guest has let go of it."""
        self.monitor.order("device_del", id="nic")
        self.monitor.await_event("DEVICE_DELETED")

    def stop(self, code=0):
        """Stops Roda as an operator would, then the guest; returns Roda's summary."""
        self.say("stop")
        assert self.process.wait(timeout=30) == 0, self.console
        assert f"guest: roda ended with {code}\n" in self.console, self.console
        return self._data()[-1]
