#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Roda and runs it on real packets, on this machine, without a NIC: a tap interface made by
# DPDK, its kernel side in a network namespace, and simulated gateways there on ordinary sockets.
# Leaves nothing behind but installed packages and build/release.
#
#   deploy/quickstart.sh               until Ctrl-C
#   deploy/quickstart.sh --seconds N   for N seconds
#
# Ends with one JSON object; exit 0 when the ledger balances and every planted alert came.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly namespace=roda-gateways       # as in quickstart.yaml, like all of these
readonly interface=roda0
readonly roda_address=10.77.0.1
readonly gateway_address=10.77.0.2/24
readonly instance_files=/dev/shm/roda/quickstart
readonly metrics=http://127.0.0.1:17751
readonly rate=100000                   # readings a second
readonly hugepages_needed=128          # of 2 MiB: frames, journals, sensors
readonly hugepages_file=/proc/sys/vm/nr_hugepages
readonly roda=build/release/appliance/cli/roda

seconds=0
scratch=
hugepages_added=0
namespace_made=
roda_pid=
send_pid=
interrupts=0

say() { printf '\n%s\n' "$*"; }

die() {
    printf 'quickstart: %s\n' "$*" >&2
    exit 1
}

usage() { sed -n '/^#   deploy/s/^#  //p' deploy/quickstart.sh; }

alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }

# Ctrl-C and SIGTERM: the gateways end their anomalies and stop, all else follows from that.
on_signal() {
    interrupts=$((interrupts + 1))
    if alive "$send_pid"; then
        kill -TERM "$send_pid" || true
    fi
}

# The exit code of a child; a signal to this script does not end the wait.
await() {  # PID
    local before code
    while :; do
        before=$interrupts
        code=0
        wait "$1" || code=$?
        [ "$before" -eq "$interrupts" ] && return "$code"
    done
}

stop_if_interrupted() {
    [ "$interrupts" -eq 0 ] || die "interrupted before it ran"
}

end_process() {  # PID
    alive "$1" || return 0
    kill -TERM "$1" || true
    for _ in {1..50}; do
        alive "$1" || return 0
        sleep 0.1
    done
    kill -KILL "$1" || true
}

clean_up() {
    local code=$?
    trap '' INT TERM HUP
    [ "$code" -lt 128 ] || echo "quickstart: interrupted" >&2
    set +e
    end_process "$send_pid"
    end_process "$roda_pid"
    [ -z "$namespace_made" ] || ip netns delete "$namespace"
    if [ -n "$roda_pid" ]; then
        rm -f "$instance_files".*
        rmdir "${instance_files%/*}" 2>/dev/null
    fi
    return_hugepages
    [ -z "$scratch" ] || rm -rf "$scratch"
}

parse_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --seconds)
                seconds=${2:-}
                [[ $seconds =~ ^[1-9][0-9]{0,8}$ ]] || die "--seconds takes a whole number from 1 on"
                shift 2
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            *)
                usage >&2
                exit 2
                ;;
        esac
    done
}

check_surroundings() {
    [ "$(id -u)" -eq 0 ] || die "run as root: it makes a network namespace and a tap interface"
    # The lock is on what every machine has, so that it leaves no file; it ends with its holders.
    exec {lock}</dev/shm
    flock --nonblock "$lock" || die "another quickstart runs on this machine"
    command -v apt-get >/dev/null || die "no apt-get: this script is for Debian 12; see README.md"
}

build() {
    deploy/install_packages.sh build run
    stop_if_interrupted
    if [ ! -e build/release/build.ninja ]; then
        say "Configuring build/release"
        meson setup build/release --buildtype=release >"$scratch/build.log" 2>&1 ||
            { cat "$scratch/build.log" >&2; die "meson setup failed"; }
    fi
    say "Building Roda (some minutes the first time)"
    if [ -t 1 ]; then  # ninja shows its progress in one line there
        ninja -C build/release appliance/cli/roda || die "the build failed"
    else
        ninja -C build/release appliance/cli/roda >"$scratch/build.log" 2>&1 ||
            { tail -n 60 "$scratch/build.log" >&2; die "the build failed"; }
    fi
    stop_if_interrupted
}

hugepages_free() {  # of 2 MiB
    awk '/^HugePages_Free:/ {free = $2} /^Hugepagesize:/ {size = $2}
        END {print size == 2048 ? free + 0 : 0}' /proc/meminfo
}

take_hugepages() {
    [ "$(hugepages_free)" -lt "$hugepages_needed" ] || return 0
    local before after
    before=$(cat "$hugepages_file" 2>/dev/null || echo 0)
    if echo $((before + hugepages_needed)) 2>/dev/null >"$hugepages_file"; then
        after=$(<"$hugepages_file")
        hugepages_added=$((after > before ? after - before : 0))
    fi
    if [ "$(hugepages_free)" -lt "$hugepages_needed" ]; then
        return_hugepages
        say "No hugepages to be had on this machine now: going on with 4 KiB pages"
    fi
}

# Subtracted, not set back: somebody else may have changed the number meanwhile.
return_hugepages() {
    [ "$hugepages_added" -gt 0 ] || return 0
    echo $(($(<"$hugepages_file") - hugepages_added)) >"$hugepages_file"
    hugepages_added=0
}

make_namespace() {
    if [ -e "/run/netns/$namespace" ]; then
        [ -z "$(ip netns pids "$namespace")" ] ||
            die "processes run in the network namespace $namespace: stop them first"
        say "Removing the network namespace $namespace that an earlier run left"
        ip netns delete "$namespace"
    fi
    ip netns add "$namespace"
    namespace_made=yes
    # No IPv6 there: the kernel's own solicitations would stand among the refused frames.
    local switch=/proc/sys/net/ipv6/conf/default/disable_ipv6
    [ ! -e "$switch" ] || ip netns exec "$namespace" tee "$switch" <<<1 >/dev/null
}

# Both programs run in sessions of their own, so that Ctrl-C reaches this script only and the
# gateways stop before Roda; should this script be killed, they get SIGTERM.
start_roda() {
    if curl -s -o /dev/null --max-time 2 "$metrics/"; then
        die "something already answers at $metrics: is another Roda running?"
    fi
    setsid setpriv --pdeathsig TERM \
        "$roda" run --config deploy/quickstart.yaml --summary "$scratch/run.json" --watch &
    roda_pid=$!
    for _ in {1..300}; do
        stop_if_interrupted
        alive "$roda_pid" || die "roda run did not start, see above"
        [ "$(curl -s -o /dev/null -w '%{http_code}' --max-time 1 "$metrics/-/ready")" != 200 ] ||
            return 0
        sleep 0.1 || true
    done
    die "roda run is not ready after 30 seconds"
}

start_gateways() {
    ip -n "$namespace" address add "$gateway_address" dev "$interface"
    # A long queue rides out the moments when a busy machine runs something else.
    ip -n "$namespace" link set "$interface" txqueuelen 10000 up
    local send_seconds=0
    if [ "$seconds" -gt 0 ]; then
        send_seconds=$((seconds > 3 ? seconds - 2 : 1))  # the rest goes into start and stop
    fi
    setsid ip netns exec "$namespace" setpriv --pdeathsig TERM \
        "$roda" send --to "$roda_address" --rate "$rate" --seconds "$send_seconds" \
        >"$scratch/send.json" &
    send_pid=$!
}

introduce() {
    cat <<END

Roda receives at $roda_address on a DPDK port; four gateways with a thousand sensors send to it
from the network namespace $namespace, $rate readings a second, with planted anomalies.

  metrics  $metrics/metrics
  alerts   $roda tail --config deploy/quickstart.yaml --follow
  ping     ip netns exec $namespace ping $roda_address
  stop     $([ "$seconds" -gt 0 ] && echo "by itself after $seconds seconds, or ")Ctrl-C

END
}

run_gateways() {
    [ "$interrupts" -eq 0 ] || kill -TERM "$send_pid"  # the signal came before the gateways
    while alive "$send_pid" && alive "$roda_pid"; do
        sleep 0.2 || true  # Ctrl-C ends the sleep too
    done
    alive "$roda_pid" || die "roda run ended by itself, see above"
    await "$send_pid" || die "roda send failed, see above"
}

# The sum of a metric's series in the last scrape.
metric() {  # NAME
    awk -v name="$1" '$1 == name || index($1, name "{") == 1 {sum += $2} END {printf "%.0f", sum}' \
        "$scratch/metrics"
}

# The last datagrams may still be on their way when the gateways have stopped.
await_last_readings() {
    local sent accepted
    sent=$(jq .readings "$scratch/send.json")
    for _ in {1..50}; do
        curl -s --max-time 1 "$metrics/metrics" >"$scratch/metrics" || true
        accepted=$(metric roda_readings_accepted_total)
        [ "${accepted:-0}" -lt "$sent" ] || return 0
        sleep 0.1 || true
    done
}

stop_roda() {
    kill -TERM "$roda_pid"
    await "$roda_pid" || die "roda run ended with a failure, see above"
}

summarise() {
    local summary problem sent
    summary=$(jq -cn --slurpfile run "$scratch/run.json" --slurpfile send "$scratch/send.json" '
        $run[0] as $run | $run.ledger as $ledger |
        {
            readings_received: $ledger.readings.received,
            readings_accepted: $ledger.readings.accepted,
            refused: (($ledger.port | del(.received)) + $ledger.frames.refused
                + $ledger.datagrams.refused + $ledger.readings.refused),
            alerts: $run.alerts,
            alerts_expected: $send[0].alerts_expected,
            balanced: $ledger.balanced,
            port: $run.port,
            memory: $run.memory
        }')
    sent=$(jq -r .readings "$scratch/send.json")
    problem=$(jq -r --argjson sent "$sent" --argjson scraped_readings \
        "$(metric roda_readings_accepted_total)" --argjson scraped_alerts \
        "$(metric roda_alerts_total)" '
        [
            (select(.readings_received != $sent)
                | "\(.readings_received) readings came, \($sent) were sent"),
            (select(.readings_accepted != $scraped_readings or .alerts != $scraped_alerts)
                | "/metrics showed \($scraped_readings) readings and \($scraped_alerts) alerts"),
            (select(.balanced | not) | "the ledger does not balance"),
            (select(.alerts != .alerts_expected)
                | "\(.alerts) alerts came, \(.alerts_expected) were planted"),
            (select(.readings_received == 0) | "no reading came")
        ]
        | join("; ")' <<<"$summary")
    printf '\n%s readings sent by the gateways\n' "$sent"
    [ -z "$problem" ] || printf 'quickstart: FAILED: %s\n' "$problem" >&2
    printf '%s\n' "$summary"
    [ -z "$problem" ]
}

parse_arguments "$@"
check_surroundings
trap clean_up EXIT
trap on_signal INT TERM HUP
scratch=$(mktemp -d)
build
take_hugepages
make_namespace
start_roda
start_gateways
introduce
run_gateways
await_last_readings
stop_roda
summarise
