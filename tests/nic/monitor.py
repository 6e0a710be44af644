# SPDX-License-Identifier: Apache-2.0
"""Orders to a running QEMU, over its machine protocol (QMP): JSON lines on a socket."""
import json
import socket


class Monitor:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile()
        self._next()  # the greeting
        self.order("qmp_capabilities")

    def _next(self):
        return json.loads(self.lines.readline())

    def order(self, command, **arguments):
        """Returns QEMU's answer; events that come meanwhile are passed over."""
        words = {"execute": command, "arguments": arguments}
        self.socket.sendall(json.dumps(words).encode() + b"\n")
        while True:
            answer = self._next()
            assert "error" not in answer, answer
            if "return" in answer:
                return answer["return"]

    def await_event(self, name):
        while self._next().get("event") != name:
            pass

    def close(self):
        self.lines.close()
        self.socket.close()
