#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the capture of every golden case, byte for byte the same each time.

Usage: make_captures.py [--check] [CASE...]; with --check nothing is written: it says which of the
committed captures are not these, and where an expected.jsonl is not what was worked out by hand.
"""
import pathlib
import sys

sys.dont_write_bytecode = True

import condition_cases
import frames
import life_cases
import match_cases
import network_cases
import time_cases

HERE = pathlib.Path(__file__).resolve().parent


def made_scene(act):
    from scene import Scene
    scene = Scene()
    act(scene)
    return scene


def write(folder, data):
    folder.mkdir(exist_ok=True)
    (folder / "capture.pcap").write_bytes(data)


def capture_fault(folder, data):
    path = folder / "capture.pcap"
    made = path.exists() and path.read_bytes() == data
    return [] if made else [f"{folder.name}: not what make_captures.py makes"]


def hand_faults(folder, scene):
    path = folder / "expected.jsonl"
    if not path.exists():
        return [f"{folder.name}: no expected.jsonl"]
    return [f"{folder.name}: {fault}" for fault in scene.faults(path.read_text())]


def main():
    check = "--check" in sys.argv[1:]
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    scenes = {**condition_cases.SCENES, **life_cases.SCENES, **time_cases.SCENES,
              **match_cases.SCENES}
    faults = []
    for name, make in {**network_cases.CASES, **scenes}.items():
        if wanted and name not in wanted:
            continue
        scene = made_scene(make) if name in scenes else None
        data = scene.capture() if scene else frames.capture(make())
        if not check:
            write(HERE / name, data)
            continue
        faults += capture_fault(HERE / name, data)
        faults += hand_faults(HERE / name, scene) if scene else []
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
