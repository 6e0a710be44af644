// SPDX-License-Identifier: Apache-2.0
// What EAL will count of the hugepages: less than the kernel would map. Reads files, no DPDK.
#pragma once

#include <cstddef>
#include <filesystem>

namespace roda::dpdk {

/// Whether EAL finds `bytes` in pages of one size, of those that can be mapped.
///
/// EAL adds up each node's free pages, and counts what may be overcommitted only where there are
/// none. Free ones may be promised to others: then a mapping succeeds by overcommit, and EAL, which
/// sees a few free pages, ends the process for lack of memory.
///
/// `nodes`: /sys/devices/system/node. Errors: what cannot be read counts as no free page.
bool eal_counts_enough(const std::filesystem::path& nodes, std::size_t bytes, unsigned page_shift);

}  // namespace roda::dpdk
