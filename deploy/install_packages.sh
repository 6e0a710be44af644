#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages of the named groups in packages.txt that are missing; asks the
# network for nothing when none is. Usage: install_packages.sh GROUP...
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
missing=()
for group in "$@"; do
    for package in $(sed -n "s/^$group://p" "$here/packages.txt"); do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            missing+=("$package")
        fi
    done
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages, run as root: apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "installing: ${missing[*]}"
# RUNLEVEL=1: a package's service (prometheus) is installed, not started.
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
