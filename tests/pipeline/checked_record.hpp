// SPDX-License-Identifier: Apache-2.0
// A record that shows when it was read half: each word depends on the sequence.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace roda {

template <std::size_t word_count>
struct CheckedRecord {
    std::uint64_t sequence;
    std::array<std::uint64_t, word_count> words;

    static CheckedRecord of(std::uint64_t sequence) {
        CheckedRecord record{sequence, {}};
        for (std::size_t i = 0; i < word_count; ++i) {
            record.words[i] = word(sequence, i);
        }
        return record;
    }

    bool is_whole() const {
        for (std::size_t i = 0; i < word_count; ++i) {
            if (words[i] != word(sequence, i)) {
                return false;
            }
        }
        return true;
    }

  private:
    static std::uint64_t word(std::uint64_t sequence, std::size_t i) {
        return (sequence + 1) * 0x9e37'79b9'7f4a'7c15u + i;
    }
};

/// What a reader saw of a stream of CheckedRecords whose sequence is their position.
struct StreamCheck {
    std::uint64_t expected = 0;  // the sequence that comes next when nothing is missed
    std::uint64_t records = 0;
    std::uint64_t gaps = 0;  // sequences passed over
    std::uint64_t torn = 0;
    std::uint64_t backwards = 0;

    template <std::size_t word_count>
    void add(const CheckedRecord<word_count>& record) {
        torn += record.is_whole() ? 0 : 1;
        if (record.sequence < expected) {
            ++backwards;
        } else {
            gaps += record.sequence - expected;
        }
        expected = record.sequence + 1;
        ++records;
    }

    template <std::size_t word_count>
    void add(std::span<const CheckedRecord<word_count>> burst) {
        for (const CheckedRecord<word_count>& record : burst) {
            add(record);
        }
    }
};

}  // namespace roda
