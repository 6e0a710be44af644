#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Replays every golden case on every way, once of them again, and compares the output byte for byte.
# Usage: golden_test.sh RODA [--update]. Prints PASS or FAIL for each; see README.md.
set -u
roda=$(realpath "${1:?usage: golden_test.sh RODA [--update]}")
cd "$(dirname "$0")" || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

verdict() {  # NAME WHY: WHY is empty for a pass
    if [ -z "$2" ]; then
        echo "PASS $1"
    else
        echo "FAIL $1: $2"
        failures=$((failures + 1))
    fi
}

config_of() {
    if [ -e "$1/config.yaml" ]; then echo "$1/config.yaml"; else echo config.yaml; fi
}

compare() {  # CASE WAY
    local out="$scratch/$1.$2"
    if ! "$roda" replay --config "$(config_of "$1")" --via "${2%_again}" "$1/capture.pcap" \
        >"$out" 2>"$out.err"; then
        verdict "golden.$1.$2" "exit code not 0: $(head -c 300 "$out.err")"
    elif ! diff -u "$1/expected.jsonl" "$out" >"$out.diff"; then
        cat "$out.diff"
        verdict "golden.$1.$2" "differs from expected.jsonl"
    else
        verdict "golden.$1.$2" ""
    fi
}

for capture in */capture.pcap; do
    case_name=$(dirname "$capture")
    if [ "${2:-}" = --update ]; then
        "$roda" replay --config "$(config_of "$case_name")" "$capture" >"$case_name/expected.jsonl"
        continue
    fi
    for way in inline inline_again threads port; do
        compare "$case_name" "$way"
    done
done

if [ "${2:-}" != --update ]; then
    stale=$(/usr/bin/python3 make_captures.py --check 2>&1)
    verdict golden.captures_and_expectations_are_what_the_script_makes "$stale"
fi
[ "$failures" -eq 0 ]
