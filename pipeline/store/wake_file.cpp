// SPDX-License-Identifier: Apache-2.0
#include "pipeline/store/wake_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <utility>

#include "pipeline/base/cache_line.hpp"
#include "pipeline/base/error.hpp"
#include "pipeline/store/shared_layout.hpp"

namespace roda {
namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t words_offset = contention_block_bytes;

struct WakePrefix {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t reserved;
};

constexpr WakePrefix prefix{layout_magic("RODAWAKE"), 1, 0};

/// A regular file of one page that begins as ours do.
bool is_wake_file(int file, const struct stat& status) {
    WakePrefix found{};
    return S_ISREG(status.st_mode) && static_cast<std::size_t>(status.st_size) == page_bytes &&
           ::pread(file, &found, sizeof(found), 0) == sizeof(found) &&
           std::memcmp(&found, &prefix, sizeof(prefix)) == 0;
}

void* map_page(int file) {
    void* page = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return page == MAP_FAILED ? nullptr : page;
}

/// The page of an existing wake file; nullptr when it is none, or not one that `is_trusted`.
template <class Trusted>
void* map_existing(const std::string& path, const Trusted& is_trusted) {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) {
        return nullptr;
    }

    struct stat status {};

    void* page = nullptr;
    if (::fstat(file, &status) == 0 && is_trusted(status) && is_wake_file(file, status)) {
        page = map_page(file);
    }
    ::close(file);
    return page;
}

/// A new file under a temporary name, renamed when it is whole: a reader never finds half of one.
void* make(const std::string& path, const std::string& unfinished) {
    ::unlink(unfinished.c_str());
    const int file =
        ::open(unfinished.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (file < 0) {
        return nullptr;
    }
    void* page = nullptr;
    if ((errno = ::posix_fallocate(file, 0, page_bytes)) == 0 &&
        ::pwrite(file, &prefix, sizeof(prefix), 0) == sizeof(prefix) &&
        ::rename(unfinished.c_str(), path.c_str()) == 0) {
        page = map_page(file);
    }
    const int why = errno;
    if (page == nullptr) {
        ::unlink(unfinished.c_str());
    }
    ::close(file);
    errno = why;
    return page;
}

}  // namespace

WakeFile WakeFile::open(const std::string& journal_path) {
    const std::string path = path_of(journal_path);
    void* page =
        map_existing(path, [](const struct stat& found) { return found.st_uid == ::geteuid(); });
    if (page == nullptr) {
        page = make(path, WakeFile::unfinished_path_of(journal_path));
    }
    if (page == nullptr) {
        throw StartupError(
            std::string("cannot make the file: ") + std::strerror(errno),
            path,
            errno == ENOSPC ? "free space there" : "check the directory's permissions");
    }
    WakeFile opened(page);
    opened.bell_.ring_always();  // the writer before may have died inside a ring
    return opened;
}

std::optional<WakeFile> WakeFile::attach(const std::string& journal_path) {
    void* page = map_existing(path_of(journal_path), [](const struct stat&) { return true; });
    return page == nullptr ? std::nullopt : std::optional(WakeFile(page));
}

WakeFile::WakeFile(void* page) noexcept
    : page_(page),
      bell_(*reinterpret_cast<WakeWords*>(static_cast<std::byte*>(page) + words_offset)) {}

WakeFile::WakeFile(WakeFile&& other) noexcept
    : page_(std::exchange(other.page_, nullptr)), bell_(other.bell_) {}

WakeFile& WakeFile::operator=(WakeFile&& other) noexcept {
    std::swap(page_, other.page_);
    std::swap(bell_, other.bell_);
    return *this;
}

WakeFile::~WakeFile() {
    if (page_ != nullptr) {
        ::munmap(page_, page_bytes);
    }
}

}  // namespace roda
