#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway as a customer would write it: python3-protobuf, a socket, nothing of Roda's.
Usage: stock_gateway.py PROTO_FOLDER HOST. Sends sensor 5001 a jump and 5002 none."""
import socket
import subprocess
import sys
import tempfile
import time

with tempfile.TemporaryDirectory() as generated:
    subprocess.run(["protoc", f"--proto_path={sys.argv[1]}", f"--python_out={generated}",
                    "telemetry.proto"], check=True)
    sys.path.insert(0, generated)
    import telemetry_pb2

gateway = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
gateway.connect((sys.argv[2], 17750))
for sequence, value in enumerate([10.0, 100.0, 100.0], start=1):
    datagram = telemetry_pb2.Datagram(device_id=99, boot_id=1, sequence=sequence)
    for sensor, reading in ((5001, value), (5002, 20.0)):
        datagram.sensor_id.append(sensor)
        datagram.value.append(reading)
        datagram.timestamp_ns.append(time.time_ns())
    gateway.send(datagram.SerializeToString())
    time.sleep(0.05)
