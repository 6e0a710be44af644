#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Looks at telemetry as the kernel hands it to a device, and says of how many of so many datagrams
it left the checksum to that device.
Usage: left_unfinished.py INTERFACE COUNT"""
import socket
import struct
import sys

ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA = 263, 8
TP_STATUS_CSUMNOTREADY = 8
UDP_17750 = 23, 36  # the offsets of the protocol and of the port, without VLAN and options


def is_telemetry(frame):
    protocol, port = UDP_17750
    return frame[protocol] == 17 and frame[port:port + 2] == struct.pack("!H", 17750)


def main(interface, count):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as wire:
        wire.bind((interface, ETH_P_ALL))
        wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        print("looking", flush=True)
        seen = unfinished = 0
        while seen < int(count):
            frame, ancillary, _, _ = wire.recvmsg(64, 256)
            if len(frame) == 64 and is_telemetry(frame):
                status, = struct.unpack_from("=I", ancillary[0][2])
                seen += 1
                unfinished += bool(status & TP_STATUS_CSUMNOTREADY)
        print(unfinished)


if __name__ == "__main__":
    main(*sys.argv[1:])
