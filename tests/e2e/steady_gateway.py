#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway that goes on whatever its network says. Numbers all that it tried to send, and prints at
the end {"sent": N}: how many the kernel took. Usage:
  steady_gateway.py HOST flood            as fast as it can until SIGTERM
  steady_gateway.py HOST pace PER_SECOND  the same at a pace
  steady_gateway.py HOST wake TIMES       one datagram after each 0.4 s of silence, its reading's
                                          timestamp taken right before the call; values 10 and 100 in
                                          turn, so that a rule at ratio 3 fires or resolves each time
"""
import json
import os
import signal
import socket
import struct
import sys
import time


def datagram(sequence, value):
    row = struct.pack("<BQBdBQ", 0x09, 7, 0x11, value, 0x19, time.time_ns())
    head = struct.pack("<BQBIBQ", 0x09, os.getpid(), 0x15, 1, 0x19, sequence)
    return head + bytes([0x52, len(row)]) + row


def main():
    host, mode, *numbers = sys.argv[1:]
    number = int(numbers[0]) if numbers else 0
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect((host, 17750))
    print("started", flush=True)
    tried = sent = 0
    while not stopped and not (mode == "wake" and tried == number):
        if mode == "wake":
            time.sleep(0.4)
        elif mode == "pace":
            time.sleep(1 / number)
        tried += 1
        try:
            out.send(datagram(tried, 100.0 if tried % 2 == 0 else 10.0))
            sent += 1
        except OSError:  # no route, no link, no neighbour: the network's affair
            time.sleep(0.001)
    print(json.dumps({"sent": sent, "tried": tried}), flush=True)


main()
