# SPDX-License-Identifier: Apache-2.0
"""The gateways of the plant: kernel sockets in a network namespace, datagrams of packed columns."""
import ctypes
import socket
import struct
import threading
import time

from plant_layout import (BEATING, GATEWAYS, SENSORS_OF_GATEWAY, SLOW, gateway_of, normal, time_of)

CLONE_NEWNET = 0x40000000
BEAT_GATEWAY = 9000
BEAT_SECONDS = 0.2
PATTERNS = 5  # rounds until a sensor's normal values come again


def socket_within(namespace, host, port=17750):
    """A UDP socket of that namespace, though this process is not in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{namespace}") as away:
        if libc.setns(away.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
        try:
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)
    out.connect((host, port))
    return out


def packed(tag, layout, numbers):
    body = struct.pack(f"<{len(numbers)}{layout}", *numbers)
    size = len(body)
    head = bytes([tag, size]) if size < 128 else bytes([tag, size & 127 | 128, size >> 7])
    return head + body


def datagram(gateway, sequence, readings):
    """`readings`: [(sensor, value, time)]."""
    sensors, values, times = zip(*readings)
    return (header(gateway, sequence) + packed(0x22, "Q", sensors) + packed(0x2A, "d", values) +
            packed(0x32, "Q", times))


def header(gateway, sequence):
    return struct.pack("<BQBIBQ", 0x09, gateway, 0x15, 1, 0x19, sequence)


def sensors_of(gateway):
    first = (gateway - 1) * SENSORS_OF_GATEWAY + 1
    return range(first, first + SENSORS_OF_GATEWAY)


class Gateways:
    """All of the round's, one after the other: so times grow from sensor to sensor."""

    def __init__(self, outs, book):
        self.outs, self.book = outs, book
        self.readings = self.datagrams = 0
        self.sequences = [0] * (GATEWAYS + 1)
        self.columns = [None] + [self.columns_of(gateway) for gateway in range(1, GATEWAYS + 1)]
        self.faults = {}
        for (sensor, number), value in book.values.items():
            self.faults.setdefault((gateway_of(sensor), number), {})[sensor] = value

    def columns_of(self, gateway):
        """Ids, then the normal values of each round: packed once, sent many times."""
        sensors = sensors_of(gateway)
        return packed(0x22, "Q", sensors), [
            packed(0x2A, "d", [normal(sensor, number) for sensor in sensors])
            for number in range(PATTERNS)]

    def send_round(self, number):
        for gateway in range(1, GATEWAYS + 1):
            at = time_of(sensors_of(gateway)[0], number)
            faults = self.faults.get((gateway, number))
            if faults is None:
                ids, values = self.columns[gateway]
                times = packed(0x32, "Q", [at] * SENSORS_OF_GATEWAY)
                self.send(gateway, ids + values[number % PATTERNS] + times, SENSORS_OF_GATEWAY)
            else:
                says = {sensor: faults.get(sensor, normal(sensor, number))
                        for sensor in sensors_of(gateway)}
                self.send_readings(gateway, [(sensor, value, at) for sensor, value in says.items()
                                             if value is not None])
            if gateway % 200 == 0:
                time.sleep(0.004)
        for sensor, value, at in self.book.late.get(number, []):
            self.send_readings(gateway_of(sensor), [(sensor, value, at)])

    def send_readings(self, gateway, readings):
        body = datagram(gateway, 0, readings)[len(header(0, 0)):]
        self.send(gateway, body, len(readings))

    def send(self, gateway, body, readings):
        self.sequences[gateway] += 1
        out = self.outs[gateway % len(self.outs)]
        out.send(header(gateway, self.sequences[gateway]) + body)
        self.readings += readings
        self.datagrams += 1


class Beat:
    """The gateway of the sensors that are watched for silence: a thread, by the wall clock."""

    def __init__(self, out):
        self.out = out
        self.quiet = set()
        self.joining = []
        self.readings = self.datagrams = 0
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.ending.set()
        self.thread.join()

    def run(self):
        while not self.ending.wait(BEAT_SECONDS):
            self.beat()

    def beat(self):
        with self.lock:
            return self.send()

    def send(self):
        """Returns when it was, by the sensors' clock."""
        at = time.time_ns()
        sensors = [sensor for sensor in [*BEATING, *SLOW, *self.joining] if sensor not in self.quiet]
        self.datagrams += 1
        self.out.send(datagram(BEAT_GATEWAY, self.datagrams,
                               [(sensor, normal(sensor, self.datagrams), at) for sensor in sensors]))
        self.readings += len(sensors)
        return at

    def hush(self, sensors):
        """They say nothing any more; returns when they last did."""
        with self.lock:
            at = self.send()
            self.quiet |= set(sensors)
            return at

    def speak(self, sensors):
        """They do again, or for the first time; returns when."""
        with self.lock:
            self.quiet -= set(sensors)
            self.joining += [sensor for sensor in sensors if sensor not in [*BEATING, *SLOW]]
            return self.send()
