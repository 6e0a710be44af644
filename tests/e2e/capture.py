#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints each frame that comes in by an interface, in hexadecimal, until it is stopped.
Usage: capture.py INTERFACE"""
import sys

from raw_link import RawLink

link = RawLink(sys.argv[1])
print("listening", flush=True)
while True:
    if frame := link.receive():
        print(frame.hex(), flush=True)
