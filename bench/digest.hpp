// SPDX-License-Identifier: Apache-2.0
// A number that stands for a result: equal results have equal digests.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace roda::bench {

/// Depends on the order of what is added.
class Digest {
  public:
    void add(std::uint64_t word) noexcept {
        state_ = std::rotl((state_ ^ word) * 0x9e37'79b9'7f4a'7c15u, 29);
    }

    void add(double number) noexcept { add(std::bit_cast<std::uint64_t>(number)); }

    /// Whole words only.
    void add(std::span<const std::byte> bytes) noexcept {
        for (std::size_t at = 0; at + sizeof(std::uint64_t) <= bytes.size();
             at += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + at, sizeof(word));
            add(word);
        }
    }

    std::uint64_t value() const noexcept { return state_; }

  private:
    std::uint64_t state_ = 1;
};

}  // namespace roda::bench
