#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles SOURCE and wants the compiler to say the sentence in its "// expect: " line. A source
# without one must compile.
# usage: expect_rejected.sh SOURCE COMPILER [ARGUMENT...]
set -eu

source=$1
shift
sentence=$(sed -n 's,^// expect: ,,p' "$source")

if output=$("$@" -std=c++20 -march=x86-64-v3 -fsyntax-only "$source" 2>&1); then
    if [ -n "$sentence" ]; then
        echo "$source compiled, but should say: $sentence"
        exit 1
    fi
    exit 0
fi
case $output in
    *"${sentence:-no sentence is expected, so nothing matches}"*)
        exit 0
        ;;
esac
echo "$output"
echo "$source: the compiler does not say: $sentence"
exit 1
