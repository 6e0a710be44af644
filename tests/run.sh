#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, runs every default suite. Exits non-zero on any failure; the
# last line counts test cases: "N passed, N failed" (", N skipped" may follow).
#
#   tests/run.sh            everything
#   tests/run.sh quick      the unit suite of the plain build
#   tests/run.sh SUITE...   of: unit stress asan tsan scripts consumer callgrind fuzz golden deploy bench
#                           e2e quickstart nic tsan_all
set -u

cd "$(dirname "$0")/.." || exit 1
suites=("$@")
[ ${#suites[@]} -eq 0 ] && suites=(unit stress scripts consumer callgrind fuzz golden deploy bench e2e quickstart nic asan tsan)
[ "${suites[*]}" = quick ] && suites=(unit)

export RODA="$PWD/build/release/appliance/cli/roda"  # for the suites that run it
asan_suites=(unit)
tsan_suites=(threads stress)

ahead=  # the process that builds ahead
results=$(mktemp -d)
trap 'rm -rf "$results"; [ -z "$ahead" ] || kill "$ahead" 2>/dev/null' EXIT
passed=0
failed=0
skipped=0

count() {  # PASSED FAILED SKIPPED
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
}

fail() {  # what is broken beyond a test case
    echo "FAIL $*"
    count 0 1 0
}

title() {
    printf '\n== %s (%s s)\n' "$*" "$SECONDS"
}

configure() {  # DIRECTORY MESON_OPTION...
    if [ ! -e "$1/build.ninja" ] && ! meson setup "$@" >"$results/meson.log" 2>&1; then
        cat "$results/meson.log"
        return 1
    fi
}

compile() {  # DIRECTORY [TARGET...]
    if ! ninja -C "$@" >"$results/ninja.log" 2>&1; then
        tail -n 60 "$results/ninja.log"
        return 1
    fi
}

# The commands of a suite's tests, one JSON array a line.
tests_of() {  # DIRECTORY SUITE
    meson introspect "$1" --tests |
        jq -c --arg suite "roda:$2" '.[] | select(.suite | index($suite)) | [.name] + .cmd'
}

run_gtest_suite() {  # DIRECTORY SUITE: each test is a GoogleTest program
    local line name report programs=0
    while IFS= read -r line; do
        mapfile -t command < <(jq -r '.[]' <<<"$line")
        name=${command[0]}
        programs=$((programs + 1))
        report="$results/$name.json"
        rm -f "$report"
        if ! timeout 300 env GTEST_OUTPUT="json:$report" RODA_SOURCE_ROOT="$PWD" \
            TSAN_OPTIONS="suppressions=$PWD/tests/presets/tsan.supp" "${command[@]:1}" \
            >"$results/$name.log" 2>&1; then
            grep -vE '^\[ +(RUN|OK) ' "$results/$name.log" | tail -n 80
            [ -e "$report" ] && [ "$(jq .failures "$report")" -gt 0 ] || fail "$name ended abnormally"
        fi
        [ -e "$report" ] || continue
        local total failures skips
        total=$(jq .tests "$report")
        failures=$(jq .failures "$report")
        skips=$(jq '[.testsuites[].testsuite[] | select(.result == "SKIPPED")] | length' "$report")
        grep -A1 -E '^\[ +SKIPPED' "$results/$name.log" | head -n 20
        count $((total - failures - skips)) "$failures" "$skips"
        echo "$name: $((total - failures - skips)) passed, $failures failed, $skips skipped"
    done < <(tests_of "$1" "$2")
    [ "$programs" -gt 0 ] || fail "suite $2 has no program"
}

run_lines() {  # COMMAND...: a program that prints PASS, FAIL or SKIP for each case
    local log="$results/lines.log" code
    "$@" >"$log" 2>&1
    code=$?
    cat "$log"
    local failures
    failures=$(grep -c '^FAIL ' "$log")
    count "$(grep -c '^PASS ' "$log")" "$failures" "$(grep -c '^SKIP ' "$log")"
    [ "$code" -eq 0 ] || [ "$failures" -gt 0 ] || fail "$1 ended with $code"
}

run_exit_suite() {  # DIRECTORY SUITE: each test is one case, judged by its exit code
    local line name programs=0 log="$results/exit.log"
    while IFS= read -r line; do
        mapfile -t command < <(jq -r '.[]' <<<"$line")
        name=${command[0]}
        programs=$((programs + 1))
        if timeout 300 "${command[@]:1}" >"$log" 2>&1; then
            echo "PASS $name"
            count 1 0 0
        else
            tail -n 40 "$log"
            fail "$name"
        fi
    done < <(tests_of "$1" "$2")
    [ "$programs" -gt 0 ] || fail "suite $2 has no program"
}

build_sanitized() {  # NAME SUITE...
    local name=$1 suite programs=()
    shift
    configure "build/$name" --native-file "tests/presets/$name.ini" || return 1
    for suite in "$@"; do
        mapfile -t -O ${#programs[@]} programs < <(tests_of "build/$name" "$suite" |
            jq -r '.[1]' | xargs realpath --relative-to="build/$name")
    done
    compile "build/$name" "${programs[@]}"
}

sanitized() {  # NAME SUITE...
    local name=$1 suite
    title "${*:2} suite under $name"
    while [ -n "$ahead" ] && kill -0 "$ahead" 2>/dev/null && [ ! -e "$results/$name.built" ]; do
        sleep 1
    done
    if ! build_sanitized "$@"; then
        fail "build/$name does not build"
        return
    fi
    for suite in "${@:2}"; do
        run_gtest_suite "build/$name" "$suite"
    done
}

# The suites between plain unit tests and sanitizers mostly wait: their builds begin beside them, at
# the lowest priority, and the second goes on beside the tests of the first. What fails here fails
# again, with its message, when its suite comes.
build_ahead() {
    (
        renice -n 19 "$BASHPID"
        built=$results
        results=$(mktemp -d)
        trap 'rm -rf "$results"' EXIT
        [[ " ${suites[*]} " != *" asan "* ]] || build_sanitized asan "${asan_suites[@]}"
        touch "$built/asan.built"
        [[ " ${suites[*]} " != *" tsan "* ]] || build_sanitized tsan "${tsan_suites[@]}"
        touch "$built/tsan.built"
    ) >/dev/null 2>&1 &
    ahead=$!
}

run_suite() {
    case $1 in
        unit) title "unit suite" && run_gtest_suite build/release unit ;;
        scripts)
            title "house rules, and programs that must not compile"
            run_lines tests/tidy.py
            run_exit_suite build/release compile
            ;;
        consumer) title "the engine alone, installed" && run_exit_suite build/release consumer ;;
        fuzz) title "any bytes, ten seconds for each fuzzer" && run_lines tests/fuzz/fuzz_test.sh build/release ;;
        golden) title "golden captures" && run_lines tests/golden/golden_test.sh "$RODA" ;;
        deploy) title "deploy files" && run_lines tests/deploy/promtool_test.sh
            run_lines tests/deploy/amtool_test.sh ;;
        callgrind)
            title "instructions of the keyed loop"
            run_lines tests/pipeline/instructions/instructions_test.py \
                build/release/tests/pipeline/keyed_loop
            ;;
        bench) title "smoke run of every bench" && run_exit_suite build/release bench-smoke ;;
        e2e)
            title "real packets"
            run_lines tests/e2e/refusals_test.py
            run_lines tests/e2e/live_test.py
            run_lines tests/e2e/alertmanager_test.py
            run_lines tests/e2e/reload_test.py
            run_lines tests/e2e/plant_test.py
            run_lines tests/e2e/fragments_test.py
            run_lines tests/e2e/exception_test.py
            run_lines tests/e2e/shards_test.py
            run_lines tests/e2e/neighbours_test.py
            run_lines tests/e2e/weather_test.py
            run_lines tests/e2e/recorder_test.py
            run_lines tests/e2e/port_test.py
            ;;
        quickstart) title "the quick start" && run_lines tests/e2e/quickstart_test.py ;;
        nic)
            title "drivers of real NICs, in a guest"
            run_lines tests/nic/nic_test.py
            run_lines tests/nic/disturbed_test.py
            ;;
        stress) title "stress suite" && run_gtest_suite build/release stress ;;
        asan) sanitized asan "${asan_suites[@]}" ;;
        tsan) sanitized tsan "${tsan_suites[@]}" ;;
        tsan_all) sanitized tsan "${tsan_suites[@]}" slow_threads ;;
        *) fail "no suite $1" ;;
    esac
}

if ! deploy/install_packages.sh build run test; then
    fail "packages"
elif ! { title "build" && configure build/release --buildtype=release && compile build/release; }; then
    fail "build/release does not build"
else
    for suite in "${suites[@]}"; do
        [ "$suite" != scripts ] || build_ahead
        run_suite "$suite"
    done
fi

# On CI the machine has everything: a skip there is a hole, not a courtesy.
if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
    fail "$skipped skipped on CI"
fi
printf '\ntook %s s\n' "$SECONDS"
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
