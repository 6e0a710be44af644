#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that a machine can check. Prints PASS or FAIL for each; a failure names the place,
the rule and what to do."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# ARCHITECTURE.md 2: what each room may include of the others.
ROOMS = {
    "proto": {"proto"},
    "pipeline": {"pipeline"},
    "dpdk": {"dpdk", "pipeline", "proto"},
    "appliance": {"appliance", "dpdk", "pipeline", "proto"},
}
# Floors inside a room, from below: a floor includes itself and those before it.
FLOORS = {
    "dpdk": ["neighbour", "fragment"],  # these two know no DPDK
    "pipeline": ["base", "measure", "memory", "store", "table", "pool", "fleet", "op", "engine"],
    "appliance": ["config", "rules", "alarms", "windows", "control", "ingest", "alerting", "recorder", "simulator", "exporter", "", "cli"],
}
FOREIGN = {
    "proto": r"google/|prometheus/|rte_|yaml|CLI/",
    "pipeline": r"google/|prometheus/|rte_|yaml|CLI/|httplib",
    "dpdk": r"google/|prometheus/|yaml|CLI/|httplib",
    "appliance": r"google/|rte_",
}
ATOMICS = {
    "pipeline/store/shared_layout.hpp", "pipeline/store/shared_layout.cpp",
    "pipeline/store/journal_shape.hpp",
    "pipeline/store/journal.hpp", "pipeline/store/journal_reader.hpp", "pipeline/store/word_copy.hpp",
    "pipeline/store/seqlock_cell.hpp",
    "pipeline/store/slot_store.hpp", "pipeline/store/slot_reader.hpp",
    "pipeline/store/wake.hpp", "pipeline/store/wake.cpp", "pipeline/store/attached_reader.hpp",
    "pipeline/fleet/journal_observer.cpp",
    "pipeline/pool/event_slots.hpp", "pipeline/pool/event_slots.cpp",
    "pipeline/engine/worker.hpp", "pipeline/engine/worker.cpp", "pipeline/engine/stage_runner.hpp",
    "pipeline/engine/links.hpp", "pipeline/engine/links.cpp",
    # One EAL in a process; frames polled, counted by the worker and read by others.
    "dpdk/eal.cpp", "dpdk/port.cpp", "dpdk/rx_queue.cpp", "dpdk/neighbour/announcer.hpp",
    "dpdk/device/rx_queue_state.hpp", "dpdk/device/pause.hpp", "dpdk/device/device_events.hpp",
    "dpdk/device/device_events.cpp", "dpdk/device/port_state.cpp", "dpdk/device/rest.hpp",
    "dpdk/device/rest.cpp",
    # The end of a thread; frames counted by one thread and read by others.
    "dpdk/exception/exception_interface.hpp", "dpdk/exception/exception_interface.cpp",
    # Whose turn it is: the worker's, or that of who writes its frames down.
    "dpdk/recorder/frame_recorder.hpp",
}
HOT = re.compile(r"pipeline/(op/|table/|store/(journal|word_copy|(snapshot|seqlock)_cell)|engine/(stage|idle))"
                 r"|proto/.*\.(hpp|cpp)|dpdk/rx_queue\.cpp|appliance/(ingest/(ingest|devices)|alerting/"
                 r"(detection|rules|summary|detector|alert_writer))")
LINES_MAX = 400
LINE_LENGTH_MAX = 100


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT,
                            capture_output=True, text=True)
    if listed.returncode != 0:  # a tarball has no git
        return sorted(str(path.relative_to(ROOT)) for pattern in patterns
                      for path in ROOT.rglob(pattern) if "build" not in path.parts)
    return sorted(path for path in listed.stdout.split() if (ROOT / path).is_file())


SOURCES = [path for path in tracked("*.hpp", "*.cpp")]


def lines_of(path):
    return enumerate((ROOT / path).read_text(errors="replace").splitlines(), start=1)


def room_of(path):
    return path.split("/")[0]


def floor_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def rooms_keep_their_arrows():
    for path in SOURCES:
        room = room_of(path)
        if room not in ROOMS:
            continue
        for number, line in lines_of(path):
            include = re.match(r'\s*#include [<"]([^">]+)[">]', line)
            if not include:
                continue
            target = include.group(1)
            if room_of(target) in ROOMS and room_of(target) not in ROOMS[room]:
                yield f"{path}:{number}: {room}/ may not include {target}: move the code or the arrow"
            if re.match(FOREIGN[room], target):
                if room == "dpdk" or not target.startswith("rte_"):
                    yield f"{path}:{number}: {room}/ may not include {target}"
                else:
                    yield f"{path}:{number}: rte_ belongs into dpdk/"
            if room == "dpdk" and target.startswith("rte_") and path.endswith(".hpp") \
                    and not path.startswith("dpdk/device/"):
                yield f"{path}:{number}: a public header of dpdk/ may not include {target}"


def floors_look_down():
    for path in SOURCES:
        floors = FLOORS.get(room_of(path))
        if not floors or floor_of(path) not in floors:
            continue
        for number, line in lines_of(path):
            include = re.match(r'#include "([^"]+)"', line)
            if include and include.group(1) == "appliance/version.hpp":
                continue  # generated, no floor
            if include and room_of(include.group(1)) == room_of(path):
                target = floor_of(include.group(1))
                if target in floors and floors.index(target) > floors.index(floor_of(path)):
                    yield f"{path}:{number}: {include.group(1)} is on a floor above"


def atomics_stand_in_few_files():
    for path in SOURCES:
        if room_of(path) not in ("pipeline", "proto", "dpdk") or path in ATOMICS:
            continue
        for number, line in lines_of(path):
            if re.search(r"std::atomic|std::memory_order", line):
                yield f"{path}:{number}: atomics belong into the files of ARCHITECTURE.md 6"


def no_standalone_fences():
    for path in SOURCES:
        for number, line in lines_of(path):
            if re.search(r"atomic_(thread|signal)_fence", line):
                yield f"{path}:{number}: ThreadSanitizer does not see fences: use operations"


def hot_files_do_not_throw_or_allocate():
    banned = re.compile(r"\b(new [A-Z]|std::function|std::string\b|std::vector|std::cout|printf\(|virtual )")
    allowed = {"proto/frame.hpp"}  # HostIdentity's list of addresses, made at start
    for path in SOURCES:
        if not HOT.match(path) or path in allowed:
            continue
        if path.startswith(("pipeline/store/journal", "appliance/alerting/alert_writer")):
            continue  # their constructors allocate and refuse; the no-allocation tests watch the rest
        for number, line in lines_of(path):
            if banned.search(line.split("//")[0]):
                yield f"{path}:{number}: {banned.search(line).group(1).strip()} on the hot path"


def no_macros_of_our_own():
    for path in SOURCES:
        for number, line in lines_of(path):
            if re.match(r"\s*#\s*define\b", line):
                yield f"{path}:{number}: no macros: a constant, a function or a template"


def files_open_with_their_licence():
    for path in SOURCES + tracked("*.sh", "*.py", "*.proto"):
        head = (ROOT / path).read_text(errors="replace")[:200]
        if "SPDX-License-Identifier: Apache-2.0" not in head:
            yield f"{path}:1: the first lines name the licence (SPDX-License-Identifier)"


def files_answer_one_question():
    for path in SOURCES:
        count = sum(1 for _ in lines_of(path))
        if count > LINES_MAX:
            yield f"{path}: {count} lines, at most {LINES_MAX}: which two questions does it answer?"
        for number, line in lines_of(path):
            if len(line) > LINE_LENGTH_MAX:
                yield f"{path}:{number}: {len(line)} columns, at most {LINE_LENGTH_MAX}"


def every_folder_has_a_readme():
    folders = {str(pathlib.Path(path).parent) for path in SOURCES}
    for folder in sorted(folders):
        if folder.startswith("tests/") or (ROOT / folder / "README.md").exists():
            continue
        yield f"{folder}/README.md: purpose, reading order, invariants"


def headers_are_included_once():
    for path in SOURCES:
        if path.endswith(".hpp") and "#pragma once" not in (ROOT / path).read_text():
            yield f"{path}: #pragma once"


def documents_name_files_that_exist():
    """Files that the documents name must exist."""
    pattern = re.compile(r"`((?:proto|pipeline|dpdk|appliance|deploy|tests|bench)/[\w./-]+\.\w+)`")
    for document in tracked("*.md"):
        for number, line in lines_of(document):
            for name in pattern.findall(line):
                if not (ROOT / name).exists():
                    yield f"{document}:{number}: {name} does not exist"


CHECKS = [
    rooms_keep_their_arrows, floors_look_down, atomics_stand_in_few_files,
    no_standalone_fences, hot_files_do_not_throw_or_allocate, no_macros_of_our_own,
    files_open_with_their_licence, files_answer_one_question, every_folder_has_a_readme,
    headers_are_included_once, documents_name_files_that_exist,
]


def main():
    failures = 0
    for check in CHECKS:
        faults = list(check())
        for fault in faults:
            print(fault)
        failures += bool(faults)
        print(f"{'FAIL' if faults else 'PASS'} tidy.{check.__name__}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
