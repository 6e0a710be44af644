#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An example says on stdout what its file of expectations says, each time.
# usage: example_test.sh PROGRAM COUNT EXPECTED
set -eu

said=$(mktemp)
remarks=$(mktemp)
trap 'rm -f "$said" "$remarks"' EXIT
for attempt in 1 2; do
    if ! "$1" --count "$2" >"$said" 2>"$remarks" || ! diff -u "$3" "$said"; then
        cat "$remarks"
        echo "run $attempt of $1"
        exit 1
    fi
done
