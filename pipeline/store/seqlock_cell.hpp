// SPDX-License-Identifier: Apache-2.0
// One value that one writer replaces and others read whole: a seqlock over words. It lies in
// ordinary memory (snapshot_cell.hpp) or in mapped memory (slot_store.hpp), where all zero bytes
// are an absent value.
//
// | label | operation             | order   | pairs with                                      |
// |-------|-----------------------|---------|-------------------------------------------------|
// | V1    | version := changing   | relaxed | made visible by any W after it                  |
// | W     | words of the value    | release | R                                               |
// | V2    | version := at rest    | release | V3: its words are all there                     |
// | V3    | first load of version | acquire | V2                                              |
// | R     | words of the value    | acquire | W: a newer word makes V4 see at least V1        |
// | V4    | second load           | relaxed | ordered after R by R's acquire                  |
//
// A version is 4 * round + phase. Each change begins a round, so that no version comes twice and a
// reader cannot take a later value of the same version for the one that it began to copy.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "pipeline/store/word_copy.hpp"

namespace roda {

enum class SnapshotState : std::uint8_t {
    absent,   // never written, or half written by a writer that died
    present,  // `value` is whole
    busy,     // given up: the writer kept changing it, or died inside
};

/// What a reader got. `value` means something only when present.
template <SharedPod T>
struct Snapshot {
    SnapshotState state = SnapshotState::busy;
    std::uint64_t version = 0;  // as SeqlockCell::version() at the last attempt
    T value{};

    explicit operator bool() const noexcept { return state == SnapshotState::present; }
};

template <SharedPod T>
class SeqlockCell {
  public:
    /// Thread: the one writer. Cost: sizeof(T) / 8 + 2 stores; never waits.
    [[gnu::always_inline]] void store(const T& value) noexcept {
        const std::uint64_t round = next_round();
        version_.store(round + changing, std::memory_order_relaxed);  // V1
        store_words(words_.data(), value);                            // W
        version_.store(round + present, std::memory_order_release);   // V2
    }

    /// The value that store() put there, for its writer; T{} when absent.
    [[gnu::always_inline]] T stored() const noexcept {
        const bool there = phase(version_.load(std::memory_order_relaxed)) == present;
        return there ? load_words<T>(words_.data()) : T{};
    }

    /// Makes a value absent that a writer died in. True when there was one.
    ///
    /// Thread: the next writer, before its first store().
    bool repair() noexcept {
        const std::uint64_t version = version_.load(std::memory_order_relaxed);
        if (phase(version) == present || phase(version) == absent) {
            return false;
        }
        version_.store(next_round() + absent, std::memory_order_release);
        return true;
    }

    /// The newest whole value, tried at most `attempts` times.
    ///
    /// Thread: any. Cost: sizeof(T) / 8 + 2 loads when the writer is elsewhere.
    [[gnu::always_inline]] Snapshot<T> load(int attempts) const noexcept {
        Snapshot<T> seen;
        for (; attempts > 0; --attempts) {
            const std::uint64_t before = version_.load(std::memory_order_acquire);  // V3
            seen.version = before;
            if (phase(before) == absent) {
                seen.state = SnapshotState::absent;
                break;
            }
            if (phase(before) == present) {
                const T value = load_words<T>(words_.data());              // R
                if (version_.load(std::memory_order_relaxed) == before) {  // V4
                    seen.state = SnapshotState::present;
                    seen.value = value;
                    break;
                }
            }
            __builtin_ia32_pause();
        }
        return seen;
    }

    /// Differs after each change, and while one is going on. 0 before the first.
    ///
    /// Thread: any. Order: V3.
    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  private:
    static constexpr std::uint64_t absent = 0;
    static constexpr std::uint64_t changing = 1;
    static constexpr std::uint64_t present = 2;
    static constexpr std::uint64_t phases = 4;

    static std::uint64_t phase(std::uint64_t version) noexcept { return version % phases; }

    std::uint64_t next_round() const noexcept {
        return (version_.load(std::memory_order_relaxed) / phases + 1) * phases;
    }

    std::atomic<std::uint64_t> version_{0};
    std::array<SharedWord, sizeof(T) / sizeof(SharedWord)> words_{};
};

}  // namespace roda
