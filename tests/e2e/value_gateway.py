#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway that says what it is told to: one datagram, without a sequence number, whose readings
are of now. Usage: value_gateway.py HOST SENSOR=VALUE..."""
import socket
import struct
import sys
import time


def datagram(readings):
    data = struct.pack("<BQ", 0x09, 7)
    for sensor, value in readings:
        row = struct.pack("<BQBdBQ", 0x09, sensor, 0x11, value, 0x19, time.time_ns())
        data += bytes([0x52, len(row)]) + row
    return data


out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.sendto(datagram((int(sensor), float(value)) for sensor, value in
                    (argument.split("=") for argument in sys.argv[2:])), (sys.argv[1], 17750))
