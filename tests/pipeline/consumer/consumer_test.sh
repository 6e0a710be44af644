#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The engine alone: where no library but GoogleTest is to be found it configures, builds, passes
# tests of some floors and installs; a program of somebody else builds against the installed tree.
# usage: consumer_test.sh COMPILER [ARGUMENT...]
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/only_gtest"
for name in gtest gtest_main; do
    cp "$(pkg-config --variable=pcfiledir "$name")/$name.pc" "$work/only_gtest"
done

quietly() {
    "$@" >"$work/log" 2>&1 || {
        tail -n 40 "$work/log"
        exit 1
    }
}

export PKG_CONFIG_LIBDIR="$work/only_gtest"
quietly meson setup "$work/build" "$root" -Dparts=engine --buildtype=debug --prefix=/usr
tests="memory measure fleet"
targets=pipeline/libroda.a
for name in $tests; do
    targets="$targets tests/pipeline/${name}_test"
done
# shellcheck disable=SC2086  # one word for each target
quietly ninja -C "$work/build" $targets
for name in $tests; do
    quietly "$work/build/tests/pipeline/${name}_test"
done
quietly meson install -C "$work/build" --no-rebuild --destdir "$work/installed"

export PKG_CONFIG_SYSROOT_DIR="$work/installed"
PKG_CONFIG_LIBDIR=$(dirname "$(find "$work/installed" -name roda.pc)")
# shellcheck disable=SC2046  # one word for each flag
quietly "$@" -Wall -Wextra -Werror "$root/tests/pipeline/consumer/consumer.cpp" \
    $(pkg-config --cflags --libs roda) -o "$work/consumer"
said=$("$work/consumer")
if [ "$said" != "sensor 7, then none" ]; then
    echo "the consumer said: $said"
    exit 1
fi
if find "$work/installed" -name '*.cpp' -o -name 'README*' | grep .; then
    echo "these do not belong into an installed tree"
    exit 1
fi
