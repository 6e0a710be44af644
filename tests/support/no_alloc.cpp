// SPDX-License-Identifier: Apache-2.0
// The replaced operators end in malloc and free, which sanitizers still intercept.
#include "tests/support/no_alloc.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace roda {
namespace {

// Plain and constant-initialised: reading them must not allocate itself.
thread_local std::uint64_t heap_calls = 0;
thread_local int guards = 0;

void count() noexcept {
    if (guards > 0) {
        ++heap_calls;
    }
}

void* allocate(std::size_t bytes) noexcept {
    count();
    return std::malloc(bytes != 0 ? bytes : 1);
}

void* allocate_aligned(std::size_t bytes, std::align_val_t alignment) noexcept {
    count();
    void* memory = nullptr;
    const auto unit = static_cast<std::size_t>(alignment);
    return ::posix_memalign(&memory, unit, bytes != 0 ? bytes : unit) == 0 ? memory : nullptr;
}

void release(void* memory) noexcept {
    count();
    std::free(memory);
}

void* or_throw(void* memory) {
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

}  // namespace

NoAllocation::NoAllocation() noexcept : before_(heap_calls) {
    ++guards;
}

NoAllocation::~NoAllocation() {
    --guards;
}

std::uint64_t NoAllocation::violations() const noexcept {
    return heap_calls - before_;
}

}  // namespace roda

void* operator new(std::size_t bytes) {
    return roda::or_throw(roda::allocate(bytes));
}

void* operator new[](std::size_t bytes) {
    return roda::or_throw(roda::allocate(bytes));
}

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return roda::allocate(bytes);
}

void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
    return roda::allocate(bytes);
}

void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return roda::or_throw(roda::allocate_aligned(bytes, alignment));
}

void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return roda::or_throw(roda::allocate_aligned(bytes, alignment));
}

void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return roda::allocate_aligned(bytes, alignment);
}

void* operator new[](std::size_t bytes,
                     std::align_val_t alignment,
                     const std::nothrow_t&) noexcept {
    return roda::allocate_aligned(bytes, alignment);
}

void operator delete(void* memory) noexcept {
    roda::release(memory);
}

void operator delete[](void* memory) noexcept {
    roda::release(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    roda::release(memory);
}

void operator delete[](void* memory, std::size_t) noexcept {
    roda::release(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept {
    roda::release(memory);
}

void operator delete[](void* memory, std::align_val_t) noexcept {
    roda::release(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    roda::release(memory);
}

void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    roda::release(memory);
}

void operator delete(void* memory, const std::nothrow_t&) noexcept {
    roda::release(memory);
}

void operator delete[](void* memory, const std::nothrow_t&) noexcept {
    roda::release(memory);
}

void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
    roda::release(memory);
}

void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
    roda::release(memory);
}
