// SPDX-License-Identifier: Apache-2.0
// Memory that ends at an unmapped page: a read or write behind it stops the test in every build.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <span>

namespace roda::test {

class GuardedMemory {
  public:
    explicit GuardedMemory(std::size_t bytes) : usable_((bytes + page - 1) / page * page) {
        void* memory = ::mmap(
            nullptr, usable_ + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED ||
            ::mprotect(static_cast<std::byte*>(memory) + usable_, page, PROT_NONE) != 0) {
            throw std::bad_alloc();
        }
        base_ = static_cast<std::byte*>(memory);
    }

    ~GuardedMemory() { ::munmap(base_, usable_ + page); }

    GuardedMemory(const GuardedMemory&) = delete;
    GuardedMemory& operator=(const GuardedMemory&) = delete;

    /// The last `bytes` before the guard.
    std::span<std::byte> last(std::size_t bytes) { return {base_ + usable_ - bytes, bytes}; }

    std::span<const std::byte> copy(std::span<const std::byte> bytes) {
        const std::span<std::byte> to = last(bytes.size());
        if (!bytes.empty()) {
            std::memcpy(to.data(), bytes.data(), bytes.size());
        }
        return to;
    }

  private:
    static constexpr std::size_t page = 4096;
    std::size_t usable_;
    std::byte* base_ = nullptr;
};

}  // namespace roda::test
