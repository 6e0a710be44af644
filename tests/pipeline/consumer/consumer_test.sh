#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The engine alone: where no library but GoogleTest is to be found it configures, builds, passes its
# unit tests and installs; a program of somebody else builds against the installed tree and runs.
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
quietly ninja -C "$work/build"
quietly meson test -C "$work/build" --suite unit
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
