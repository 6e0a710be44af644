#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The files in deploy/ as the programs that read them see them. One line per case; exits 1 when
# one failed. Usage: promtool_test.sh [DEPLOY_FOLDER]
set -u
deploy=$(realpath "${1:-$(dirname "$0")/../../deploy}") || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# check NAME PROGRAM ARGUMENT...
check() {
    local name=$1 output
    shift
    if ! command -v "$1" > /dev/null; then
        echo "SKIP $name: $1 is not installed"
    elif output=$("$@" 2>&1); then
        echo "PASS $name"
    else
        echo "FAIL $name: $(tr '\n' ' ' <<< "$output")"
        failed=1
    fi
}

check prometheus_scrape_config promtool check config "$deploy/prometheus.yml"
check prometheus_alert_rules promtool check rules "$deploy/alert_rules.yml"
check prometheus_alert_rule_tests promtool test rules "$deploy/alert_rules_test.yml"

# An unknown key in a unit is only a warning to systemd-analyze, with exit code 0.
verify_unit() {
    ! { systemd-analyze verify "$1" 2>&1 || echo "$(basename "$1") is refused"; } |
        grep -F "$(basename "$1")"
}

# Roda need not be installed where the tests run; the rest of the unit is checked as it stands.
sed "s|=/usr/local/bin/roda |=$(type -P true) |" "$deploy/roda.service" > "$work/roda.service"
if command -v systemd-analyze > /dev/null; then
    check systemd_unit verify_unit "$work/roda.service"
else
    echo "SKIP systemd_unit: systemd-analyze is not installed"
fi

exit "$failed"
