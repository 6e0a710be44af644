#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deploy/alertmanager.yml as Alertmanager reads it, and whom it sends what to. One line per case;
# exits 1 when one failed. Usage: amtool_test.sh [DEPLOY_FOLDER]
set -u
deploy=$(realpath "${1:-$(dirname "$0")/../../deploy}") || exit 1
config=$deploy/alertmanager.yml
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

# goes NAME RECEIVER LABEL=VALUE...
goes() {
    local name=$1 receiver=$2
    shift 2
    check "$name" amtool config routes test --config.file="$config" --verify.receivers="$receiver" "$@"
}

check alertmanager_config amtool check-config "$config"
goes critical_alerts_page pager alertname=RodaAlert severity=critical rule=tank_level sensor=417
goes a_team_does_not_keep_a_critical_alert_for_itself pager severity=critical team=process
goes a_dead_roda_pages pager alertname=RodaDown severity=critical job=roda
goes warnings_go_to_operations operations alertname=RodaAlert severity=warning
goes warnings_of_a_team_go_to_it process-team alertname=RodaAlert severity=warning team=process
goes information_goes_to_nobody nobody alertname=RodaAlert severity=info team=process
goes what_has_no_severity_is_heard operations alertname=SomethingElse

exit "$failed"
