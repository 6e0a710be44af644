#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzzers and runs each for a while, from its committed corpus. Prints PASS, FAIL or SKIP
# for each. Usage: fuzz_test.sh BUILD [SECONDS_EACH]
#
# What a fuzzer finds, the input and its report, is kept in BUILD/fuzz-findings.
set -u
build=$(realpath "${1:?usage: fuzz_test.sh BUILD [SECONDS_EACH]}")
seconds=${2:-10}
cd "$(dirname "$0")" || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
findings="$build/fuzz-findings"
failures=0

fail() {  # NAME WHY
    echo "FAIL $1: $2"
    failures=$((failures + 1))
}

run_fuzzer() {  # NAME CORPUS MAX_BYTES
    local log="$scratch/$1.log"
    if ! ninja -C "$build" "tests/fuzz/$1" >"$log" 2>&1; then
        tail -n 30 "$log"
        fail "fuzz.$1" "does not build"
        return
    fi
    mkdir -p "$findings" "$scratch/$1.new"
    # The first directory takes what is new; the committed corpus is only read.
    if "$build/tests/fuzz/$1" -max_total_time="$seconds" -max_len="$3" -print_final_stats=1 \
        -artifact_prefix="$findings/$1-" "$scratch/$1.new" "corpus/$2" >"$log" 2>&1; then
        echo "PASS fuzz.$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
    else
        tail -n 40 "$log"
        cp "$log" "$findings/$1.log"
        fail "fuzz.$1" "see $findings"
    fi
}

if ! command -v clang++-14 clang++ >/dev/null; then
    echo "SKIP fuzz: clang is not installed"
    exit 0
fi
run_fuzzer decoder_fuzz decoder 2000
run_fuzzer frame_fuzz frame 1600
run_fuzzer reassembly_fuzz reassembly 400
[ "$failures" -eq 0 ]
