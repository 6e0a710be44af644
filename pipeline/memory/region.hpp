// SPDX-License-Identifier: Apache-2.0
// Memory that is all there before the first record and stays there: mapped, prefaulted, locked if
// the system allows, on the largest pages to be had. Everything that the engine stores lies in a
// Region.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace roda {

/// Which pages a region came to lie on; smaller ones cost more TLB misses (performance.md 1).
enum class Pages : std::uint8_t { small, transparent_huge, huge };

std::string_view pages_name(Pages pages) noexcept;

/// One mapping, unmapped on destruction. Zeroed, prefaulted, move-only.
///
/// Thread: construction and destruction by one thread; the bytes belong to what lies in them.
/// Errors: StartupError with the size asked for and what to do.
class Region {
  public:
    /// Private memory of this process: hugetlbfs pages, else transparent huge pages, else 4 KiB.
    ///
    /// Thread: its pages come from the NUMA node of the core that this runs on (first touch): call
    ///         it pinned as the thread that will use it, or let the kernel choose.
    /// Cost: touches every page now, so that the hot path never faults.
    static Region anonymous(std::size_t bytes);

    /// A file that other processes may map: created when absent, else mapped as it stands when
    /// it has exactly `bytes`, else replaced. Holds the file's flock until destruction, so that
    /// a second writer is refused. The kernel drops it with the last process that has it: a child
    /// that was forked meanwhile keeps it until it ends or calls exec.
    ///
    /// Errors: as above; also when any process holds the flock, which takes no more than the right
    ///         to read the file. A new file of which there is no room for all is not left behind.
    /// Shape: `existing()` tells whether old content was found. Small pages (tmpfs).
    static Region shared_file(const std::string& path, std::size_t bytes);

    /// An existing file of another process, for reading only. Never creates, never locks.
    ///
    /// Errors: StartupError for anything but a regular file of at least one byte; never waits.
    static Region attach_read_only(const std::string& path);

    Region(Region&& other) noexcept;
    Region& operator=(Region&& other) noexcept;
    ~Region();

    std::byte* data() const noexcept { return data_; }

    std::size_t bytes() const noexcept { return bytes_; }

    Pages pages() const noexcept { return pages_; }

    bool existing() const noexcept { return existing_; }

    /// Whether these pages cannot be swapped out: hugetlbfs pages, or locked by this process. False
    /// where RLIMIT_MEMLOCK forbids it, and for what is attached read-only, which its writer locks.
    bool locked() const noexcept { return locked_; }

  private:
    Region() = default;

    std::byte* data_ = nullptr;
    std::size_t bytes_ = 0;
    int file_ = -1;
    Pages pages_ = Pages::small;
    bool existing_ = false;
    bool locked_ = false;
};

}  // namespace roda
