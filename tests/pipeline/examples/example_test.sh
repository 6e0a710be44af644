#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An example says on stdout what its file of expectations says, each time.
# usage: example_test.sh PROGRAM COUNT EXPECTED
set -eu

said=$(mktemp)
trap 'rm -f "$said"' EXIT
for attempt in 1 2; do
    "$1" --count "$2" >"$said" 2>/dev/null
    diff -u "$3" "$said" || {
        echo "run $attempt of $1"
        exit 1
    }
done
