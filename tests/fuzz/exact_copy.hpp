// SPDX-License-Identifier: Apache-2.0
// The bytes of a fuzzer's input on the heap, with nothing around them that may be read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace roda::fuzz {

/// libFuzzer's own buffer is longer than the input: AddressSanitizer would not see a read behind
/// it.
class ExactCopy {
  public:
    ExactCopy(const std::uint8_t* data, std::size_t size)
        : memory_(std::make_unique<std::byte[]>(size)), size_(size) {
        std::ranges::copy(std::as_bytes(std::span(data, size)), memory_.get());
    }

    std::span<const std::byte> bytes() const noexcept { return {memory_.get(), size_}; }

  private:
    std::unique_ptr<std::byte[]> memory_;
    std::size_t size_;
};

}  // namespace roda::fuzz
