// SPDX-License-Identifier: Apache-2.0
// The readings that benchmarks run on: sensors at random, uniformly, each value within 5 % of 100
// and one in two thousand ten times that. The same seed gives the same readings.
#pragma once

#include <cstdint>

#include "pipeline/memory/region.hpp"
#include "proto/records.hpp"

namespace roda::bench {

enum class Ids : std::uint8_t {
    dense,      // 1 to the number of sensors: indices, and the best that can happen to std::hash
    scattered,  // 64 bits wide, as devices' own ids are
};

class SensorLoad {
  public:
    /// From one reading to the next: whole microseconds, which every form of the schema holds.
    static constexpr std::uint64_t step_ns = 1000;

    SensorLoad(std::uint32_t sensors, Ids ids) noexcept
        : sensors_(sensors), stride_(ids == Ids::dense ? 1 : 0x9e37'79b9'7f4a'7c15u) {}

    proto::Reading next() noexcept {
        const std::uint64_t random = next_random();
        const std::uint64_t id =
            1 + (static_cast<std::uint64_t>(static_cast<std::uint32_t>(random)) * sensors_ >> 32);
        const auto sway = static_cast<double>(random >> 32 & 0xffff) / 65536.0;
        const bool spike = (random >> 48) % 2000 == 0;
        time_ns_ += step_ns;
        return {id * stride_, (95.0 + 10.0 * sway) * (spike ? 10.0 : 1.0), time_ns_};
    }

    /// Ids that no reading has.
    std::uint64_t stranger(std::uint64_t number) const noexcept {
        return (1 + sensors_ + number) * stride_;
    }

  private:
    std::uint64_t next_random() noexcept {  // splitmix64
        state_ += 0x9e37'79b9'7f4a'7c15u;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9u;
        mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11ebu;
        return mixed ^ mixed >> 31;
    }

    std::uint64_t sensors_;
    std::uint64_t stride_;  // odd: ids stay distinct
    std::uint64_t state_ = 42;
    std::uint64_t time_ns_ = 1'700'000'000'000'000'000u;
};

/// A prefaulted array of plain records on huge pages where they are to be had.
template <class T>
class Array {
  public:
    explicit Array(std::size_t size) : size_(size), region_(Region::anonymous(size * sizeof(T))) {}

    T* data() const noexcept { return reinterpret_cast<T*>(region_.data()); }

    std::size_t size() const noexcept { return size_; }

    T& operator[](std::size_t i) const noexcept { return data()[i]; }

    T* begin() const noexcept { return data(); }

    T* end() const noexcept { return data() + size_; }

  private:
    std::size_t size_;
    Region region_;
};

}  // namespace roda::bench
