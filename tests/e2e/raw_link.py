# SPDX-License-Identifier: Apache-2.0
"""Frames of an interface as they are on the wire, tags included, which the kernel takes out."""
import socket
import struct

EVERY_TYPE = 3
PACKET_OUTGOING = 4
SOL_PACKET = 263
PACKET_AUXDATA = 8
TP_STATUS_VLAN_VALID = 0x10
TP_STATUS_VLAN_TPID_VALID = 0x40
AUXDATA = struct.Struct("IIIHHHH")


class RawLink:
    def __init__(self, interface, listens=True):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((interface, EVERY_TYPE if listens else 0))

    def fileno(self):
        return self.socket.fileno()

    def send(self, frame):
        self.socket.send(frame)

    def receive(self):
        """The next frame that others sent; None for one that went out here."""
        frame, more, _, sender = self.socket.recvmsg(65536, socket.CMSG_SPACE(AUXDATA.size))
        if sender[2] == PACKET_OUTGOING:
            return None
        for level, kind, data in more:
            if level == SOL_PACKET and kind == PACKET_AUXDATA:
                status, _, _, _, _, tag, type_ = AUXDATA.unpack(data[:AUXDATA.size])
                if status & TP_STATUS_VLAN_VALID:
                    type_ = type_ if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                    frame = frame[:12] + struct.pack(">HH", type_, tag) + frame[12:]
        return frame
