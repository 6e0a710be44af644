#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes what the guest boots: DIRECTORY/vmlinuz and DIRECTORY/image.cpio, an initramfs of busybox,
# the modules of vfio-pci, the given program, the drivers under test and every library they need.
# The guest's own packages are unpacked in build/guest and never installed: a kernel package would
# change what this machine boots. Ends with 77 when they are not there and cannot be had.
#
#   tests/nic/image.sh RODA DIRECTORY
set -euo pipefail

roda=$(realpath "${1:?usage: image.sh RODA DIRECTORY}")
out=$(realpath "${2:?usage: image.sh RODA DIRECTORY}")
cd "$(dirname "$0")/../.."

readonly packages=deploy/packages.txt
readonly guest=build/guest
# In the order in which they are loaded.
readonly modules=(virt/lib/irqbypass drivers/vfio/vfio drivers/vfio/vfio_virqfd
    drivers/vfio/vfio_iommu_type1 drivers/vfio/pci/vfio-pci-core drivers/vfio/pci/vfio-pci)
readonly drivers=(mempool_ring net_e1000 net_virtio net_vmxnet3)

# linux-image-cloud-amd64 is empty; the kernel is in the package of the version that it needs now.
real_package() {  # NAME
    local kernel
    kernel=$(apt-cache depends "$1" | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p')
    echo "${kernel:-$1}"
}

download() {  # DIRECTORY
    local package names=()
    for package in $(sed -n 's/^guest://p' "$packages"); do
        names+=("$(real_package "$package")")
    done
    (cd "$1" && apt-get download -qq -o APT::Sandbox::User=root "${names[@]}")
}

fetch_packages() {
    [ "$packages" -nt "$guest/complete" ] || return 0
    rm -rf "$guest"
    mkdir -p "$guest"
    download "$guest" 2>/dev/null || { apt-get update -qq && download "$guest"; } ||
        { echo "the guest's packages cannot be downloaded" >&2; exit 77; }
    local package
    for package in "$guest"/*.deb; do
        dpkg-deb -x "$package" "$guest"
        rm "$package"
    done
    touch "$guest/complete"
}

# A symlink stays one: the same driver under two names would register twice.
place() {  # FILE...
    local file real
    for file in "$@"; do
        case $file in /lib*) file=/usr$file ;; esac
        real=$(realpath "$file")
        install -D "$real" "$root$real"
        if [ "$real" != "$file" ]; then
            mkdir -p "$root${file%/*}"
            ln -sf "$real" "$root$file"
        fi
    done
}

place_program_and_drivers() {
    local driver plugins=() libraries
    for driver in "${drivers[@]}"; do
        plugins+=("$(echo /usr/lib/*/dpdk/pmds-*/"librte_$driver".so.[0-9][0-9])")
    done
    mapfile -t libraries < <(ldd "$roda" "${plugins[@]}" | grep -oP '(=> |^\t)\K/\S+' | sort -u)
    place "${plugins[@]}" "${libraries[@]}"
    install "$roda" "$root/usr/bin/roda"
}

place_modules() {
    local number=10 module
    mkdir "$root/modules"
    for module in "${modules[@]}"; do
        cp "$guest"/lib/modules/*/kernel/"$module.ko" "$root/modules/$number-${module##*/}.ko"
        number=$((number + 1))
    done
}

fetch_packages
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{dev,proc,sys,run,tmp,usr/bin,usr/lib,usr/lib64}
ln -s usr/bin usr/lib usr/lib64 "$root"
install "$guest/bin/busybox" "$root/usr/bin/"
install tests/nic/init "$root/"
place_program_and_drivers
place_modules
# Not compressed: unpacking costs an emulated CPU more than reading.
(cd "$root" && find . | cpio --quiet -o -H newc) >"$out/image.cpio"
cp "$guest"/boot/vmlinuz-* "$out/vmlinuz"
