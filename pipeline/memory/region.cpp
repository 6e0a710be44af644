// SPDX-License-Identifier: Apache-2.0
#include "pipeline/memory/region.hpp"

#include <fcntl.h>
#include <linux/mman.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

#include "pipeline/base/error.hpp"

namespace roda {
namespace {

constexpr std::size_t small_page_bytes = 4096;
constexpr std::size_t huge_page_bytes = 2u << 20;

// MADV_POPULATE_WRITE since Linux 5.14; the headers of Debian 12 have it.
constexpr int populate_write = 23;

std::size_t round_up(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

std::string errno_text() {
    return std::strerror(errno);
}

/// Touches every page. False when the kernel has no memory for it (never SIGBUS).
bool prefault(std::byte* data, std::size_t bytes) {
    if (::madvise(data, bytes, populate_write) == 0) {
        return true;
    }
    if (errno != EINVAL) {
        return false;
    }
    for (std::size_t at = 0; at < bytes; at += small_page_bytes) {  // older kernels
        static_cast<volatile std::byte*>(data)[at] = std::byte{0};
    }
    return true;
}

/// Best effort: the memory works without, but may then be swapped out under pressure.
bool lock(const std::byte* data, std::size_t bytes) {
    // Not mlock(): the sanitizers' runtimes replace it by nothing, and say that it succeeded.
    return ::mlock2(data, bytes, 0) == 0;
}

/// Asks the kernel whether the mapping that starts at `data` got huge pages: madvise only hints.
bool lies_on_huge_pages(const std::byte* data) {
    std::ifstream smaps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(data);
    bool inside = false;
    for (std::string line; std::getline(smaps, line);) {
        unsigned long first = 0;
        unsigned long last = 0;
        unsigned long kilobytes = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &first, &last) == 2) {
            inside = first <= wanted && wanted < last;
        } else if (inside && std::sscanf(line.c_str(), "AnonHugePages: %lu kB", &kilobytes) == 1) {
            return kilobytes > 0;
        }
    }
    return false;
}

std::byte* map_hugetlb(std::size_t bytes) {
    void* data = ::mmap(nullptr,
                        bytes,
                        PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB,
                        -1,
                        0);
    if (data == MAP_FAILED) {
        return nullptr;
    }
    if (::madvise(data, bytes, populate_write) != 0 && errno != EINVAL) {
        ::munmap(data, bytes);  // reserved, but not to be had: a cgroup limit
        return nullptr;
    }
    return static_cast<std::byte*>(data);
}

/// Ordinary memory aligned to a huge page, so that the kernel may use huge ones.
std::byte* map_aligned(std::size_t bytes) {
    const std::size_t padded = bytes + huge_page_bytes;
    void* raw = ::mmap(nullptr, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED) {
        return nullptr;
    }
    auto* first = static_cast<std::byte*>(raw);
    const auto address = reinterpret_cast<std::uintptr_t>(first);
    const std::size_t skip = round_up(address, huge_page_bytes) - address;
    if (skip > 0) {
        ::munmap(first, skip);
    }
    ::munmap(first + skip + bytes, padded - skip - bytes);
    return first + skip;
}

/// Whether `file` is still what `path` names: its last writer may have replaced it.
bool is_at(const std::string& path, int file) {
    struct stat opened {};

    struct stat named {};

    return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

int open_locked(const std::string& path) {
    for (;;) {
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (file < 0) {
            throw StartupError(
                "cannot open: " + errno_text(),
                path,
                errno == ENOSPC ? "free space there" : "check the directory's permissions");
        }
        if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
            ::close(file);
            throw StartupError("another process writes this file",
                               path,
                               "stop it, or give this one another instance name");
        }
        if (is_at(path, file)) {
            return file;
        }
        ::close(file);
    }
}

bool is_regular(int file) {
    struct stat status {};

    return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

std::size_t file_bytes(int file) {
    struct stat status {};

    ::fstat(file, &status);
    return static_cast<std::size_t>(status.st_size);
}

}  // namespace

std::string_view pages_name(Pages pages) noexcept {
    switch (pages) {
        case Pages::huge:
            return "2 MiB hugepages";
        case Pages::transparent_huge:
            return "transparent hugepages";
        case Pages::small:
            break;
    }
    return "4 KiB pages";
}

Region Region::anonymous(std::size_t bytes) {
    Region region;
    // Small tables stay on small pages: a whole huge page for them would only waste it.
    const bool worth_huge = bytes >= huge_page_bytes / 2;
    region.bytes_ = round_up(bytes, worth_huge ? huge_page_bytes : small_page_bytes);
    if (worth_huge) {
        region.data_ = map_hugetlb(region.bytes_);
        if (region.data_ != nullptr) {
            region.pages_ = Pages::huge;
            region.locked_ = true;  // hugetlbfs pages are never swapped
            return region;
        }
    }
    region.data_ = map_aligned(region.bytes_);
    if (region.data_ != nullptr) {
        if (worth_huge) {
            ::madvise(region.data_, region.bytes_, MADV_HUGEPAGE);
        }
        if (prefault(region.data_, region.bytes_)) {
            region.locked_ = lock(region.data_, region.bytes_);
            region.pages_ = worth_huge && lies_on_huge_pages(region.data_) ? Pages::transparent_huge
                                                                           : Pages::small;
            return region;
        }
    }
    throw StartupError("no memory for " + std::to_string(region.bytes_) + " bytes: " + errno_text(),
                       "region",
                       "lower the journal or key capacities, or add memory");
}

Region Region::shared_file(const std::string& path, std::size_t bytes) {
    Region region;
    region.bytes_ = round_up(bytes, small_page_bytes);
    region.file_ = open_locked(path);
    std::size_t found = file_bytes(region.file_);
    if (found != 0 && found != region.bytes_) {
        // Readers may have the old file mapped: it leaves the directory and keeps its size.
        ::unlink(path.c_str());
        ::close(region.file_);
        region.file_ = open_locked(path);
        found = file_bytes(region.file_);
    }
    region.existing_ = found == region.bytes_;
    // Reserves the blocks: a full tmpfs is an error here, and not a SIGBUS later.
    if (const int failed = ::posix_fallocate(region.file_, 0, static_cast<off_t>(region.bytes_))) {
        if (!region.existing_) {
            ::unlink(path.c_str());  // half a file is of no use to anybody
        }
        throw StartupError(std::string("no room for the file: ") + std::strerror(failed),
                           path,
                           "free space there, or give it fewer records");
    }
    void* data = ::mmap(
        nullptr, region.bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, region.file_, 0);
    if (data == MAP_FAILED) {
        throw StartupError("cannot map: " + errno_text(), path, "");
    }
    region.data_ = static_cast<std::byte*>(data);
    region.locked_ = lock(region.data_, region.bytes_);
    return region;
}

Region Region::attach_read_only(const std::string& path) {
    Region region;
    // O_NONBLOCK: to open a pipe would wait for its writer.
    region.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (region.file_ < 0) {
        throw StartupError("cannot open: " + errno_text(), path, "is its writer running?");
    }
    if (!is_regular(region.file_)) {
        throw StartupError("not a regular file", path, "give the path of the file itself");
    }
    region.bytes_ = file_bytes(region.file_);
    if (region.bytes_ == 0) {
        throw StartupError("truncated: the file has 0 bytes", path, "is its writer running?");
    }
    void* data = ::mmap(nullptr, region.bytes_, PROT_READ, MAP_SHARED, region.file_, 0);
    if (data == MAP_FAILED) {
        throw StartupError(
            "cannot map " + std::to_string(region.bytes_) + " bytes: " + errno_text(), path, "");
    }
    region.data_ = static_cast<std::byte*>(data);
    region.existing_ = true;
    return region;
}

Region::Region(Region&& other) noexcept {
    *this = std::move(other);
}

Region& Region::operator=(Region&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(file_, other.file_);
    std::swap(pages_, other.pages_);
    std::swap(existing_, other.existing_);
    std::swap(locked_, other.locked_);
    return *this;
}

Region::~Region() {
    if (data_ != nullptr) {
        ::munmap(data_, bytes_);
    }
    if (file_ >= 0) {
        ::close(file_);  // drops the flock as well, unless a forked child has it too
    }
}

}  // namespace roda
