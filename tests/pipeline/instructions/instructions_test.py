#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions that the keyed loop takes for a reading, and what it calls, with
callgrind. One line for each case; exits 1 when one failed.

usage: instructions_test.py KEYED_LOOP
"""
import collections
import re
import shutil
import subprocess
import sys
import tempfile

# What is said of a reading is the difference between two runs: start-up and insertions cancel.
FEW, MANY = 20_000, 60_000

# Shape, sensors, instructions for a reading at most.
CASES = [
    ("hashed", 1_000, 95),
    ("hashed", 100_000, 95),
    ("hashed", 1_000_000, 95),
    ("dense", 100_000, 85),
    ("copies", 100_000, 125),
]

# What may be called: for a new key, or one whose tag another key shares; at the end of a burst.
MAY_BE_CALLED = re.compile(
    r"roda::(KeyTable|DenseTable)<.*::search\(|roda::KeyedBy<.*::(begin|flush|update_slowly)<")
CALLS_AT_MOST = 0.10  # for a reading


class Profile:
    """What callgrind saw: instructions by function, calls by (caller, callee)."""

    def __init__(self, text):
        self.names = {}  # callgrind writes a name once, then its number
        self.own = collections.Counter()
        self.calls = collections.Counter()
        caller = callee = None
        is_cost_of_call = False
        for line in text.splitlines():
            if line.startswith("fn="):
                caller = self.name(line)
            elif line.startswith("cfn="):
                callee = self.name(line)
            elif line.startswith("calls="):
                self.calls[caller, callee] += int(line[len("calls="):].split()[0])
                is_cost_of_call = True
            elif re.match(r"[0-9+*-]", line):
                if not is_cost_of_call:
                    self.own[caller] += int(line.split()[-1])
                is_cost_of_call = False

    def name(self, line):
        number, name = re.match(r"c?fn=\((\d+)\)(?: (.*))?", line).groups()
        if name is not None:
            self.names[number] = name
        return self.names[number]


def profile_of(program, shape, sensors, readings):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}",
             "--collect-atstart=no", "--toggle-collect=*measured_bursts*",
             program, shape, str(sensors), str(readings)],
            check=True, capture_output=True, timeout=120)
        with open(out.name, encoding="utf-8") as text:
            return Profile(text.read())


def judge(program, shape, sensors, limit):
    """The faults of a case, and its figures."""
    few = profile_of(program, shape, sensors, FEW)
    many = profile_of(program, shape, sensors, MANY)
    own = many.own - few.own
    calls = many.calls - few.calls
    loop = max(own, key=own.get)
    called = {callee: n for (caller, callee), n in calls.items() if caller == loop}
    instructions = own.total() / (MANY - FEW)
    calls_each = sum(called.values()) / (MANY - FEW)
    faults = []
    if instructions < 20:
        faults.append("the loop was not seen")
    if instructions > limit:
        faults.append(f"more than {limit} instructions")
    if own[loop] < 0.85 * own.total():
        faults.append("not one loop")
    if calls_each > CALLS_AT_MOST:
        faults.append("what is called is not the exception")
    faults += [f"calls {name[-200:]}" for name in called if not MAY_BE_CALLED.search(name)]
    return faults, f"{instructions:.1f} instructions and {calls_each:.3f} calls for a reading"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if shutil.which("valgrind") is None:
        print("SKIP instructions: valgrind is not installed")
        return 0
    failed = False
    for shape, sensors, limit in CASES:
        faults, figures = judge(sys.argv[1], shape, sensors, limit)
        case = f"instructions {shape} {sensors} sensors: {figures}"
        print(f"FAIL {case}: {'; '.join(faults)}" if faults else f"PASS {case}", flush=True)
        failed = failed or bool(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
