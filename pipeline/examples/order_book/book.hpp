// SPDX-License-Identifier: Apache-2.0
// Volumes by price level, and the best of them. No heap after construction: a ladder of ticks
// around the first price, which is how books are kept where latency counts.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "pipeline/examples/order_book/market_data.hpp"

namespace roda::examples {

/// What one message did to the book: an order left one level, or entered one, or both.
struct LevelChange {
    std::uint64_t sequence;
    std::uint64_t sent_ns;
    std::uint32_t instrument;
    std::int32_t left_ticks;
    std::uint32_t left_size;  // 0: left nothing
    std::int32_t entered_ticks;
    std::uint32_t entered_size;  // 0: entered nothing
    Side side;
    bool clears;
    std::uint16_t unused;
};

/// One side of one instrument.
class Ladder {
  public:
    static constexpr std::int32_t ticks = 4'096;
    static constexpr std::int32_t first_ticks = MarketGenerator::mid_ticks - ticks / 2;
    static constexpr std::size_t depth = 5;

    struct Level {
        std::int32_t price_ticks;
        std::uint32_t volume;
    };

    using Best = std::array<Level, depth>;  // volume 0 where there are fewer

    void add(std::int32_t price_ticks, std::uint32_t size) noexcept {
        const auto at = static_cast<std::uint32_t>(price_ticks - first_ticks);
        if (at < ticks) {
            volumes_[at] += size;
            occupied_[at / 64] |= std::uint64_t{size != 0} << at % 64;
        }
    }

    /// Never below zero; a level of no volume is gone.
    void remove(std::int32_t price_ticks, std::uint32_t size) noexcept {
        const auto at = static_cast<std::uint32_t>(price_ticks - first_ticks);
        if (at < ticks) {
            volumes_[at] -= std::min(volumes_[at], size);
            if (volumes_[at] == 0) {
                occupied_[at / 64] &= ~(std::uint64_t{1} << at % 64);
            }
        }
    }

    void clear() noexcept {
        volumes_ = {};
        occupied_ = {};
    }

    std::uint32_t volume(std::int32_t price_ticks) const noexcept {
        const auto at = static_cast<std::uint32_t>(price_ticks - first_ticks);
        return at < ticks ? volumes_[at] : 0;
    }

    /// Bids from the highest price down.
    Best highest() const noexcept {
        Best best{};
        std::size_t found = 0;
        for (std::size_t word = occupied_.size(); word-- > 0 && found < depth;) {
            for (std::uint64_t bits = occupied_[word]; bits != 0 && found < depth; ++found) {
                const auto bit = 63u - static_cast<std::uint32_t>(std::countl_zero(bits));
                best[found] = level(word * 64 + bit);
                bits &= ~(std::uint64_t{1} << bit);
            }
        }
        return best;
    }

    /// Asks from the lowest price up.
    Best lowest() const noexcept {
        Best best{};
        std::size_t found = 0;
        for (std::size_t word = 0; word < occupied_.size() && found < depth; ++word) {
            for (std::uint64_t bits = occupied_[word]; bits != 0 && found < depth; ++found) {
                best[found] = level(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
                bits &= bits - 1;
            }
        }
        return best;
    }

  private:
    Level level(std::size_t at) const noexcept {
        return {first_ticks + static_cast<std::int32_t>(at), volumes_[at]};
    }

    std::array<std::uint32_t, ticks> volumes_{};
    std::array<std::uint64_t, ticks / 64> occupied_{};
};

/// The best levels of an instrument, as they leave for other processes.
struct TopOfBook {
    std::uint64_t sequence;
    Ladder::Best bids;
    Ladder::Best asks;
};

/// From -1 (all volume asks) to 1 (all bids); the best level counts 1.0, the fifth 0.2.
inline double imbalance(const TopOfBook& top) noexcept {
    double bids = 0;
    double asks = 0;
    for (std::size_t i = 0; i < Ladder::depth; ++i) {
        const double weight = 1.0 - 0.2 * static_cast<double>(i);
        bids += weight * top.bids[i].volume;
        asks += weight * top.asks[i].volume;
    }
    return bids + asks > 0 ? (bids - asks) / (bids + asks) : 0;
}

/// The books of all instruments.
class Books {
  public:
    /// Thread: one.
    void apply(const LevelChange& change) noexcept {
        Book& book = books_[change.instrument];
        if (change.clears) {
            book.bids.clear();
            book.asks.clear();
            return;
        }
        Ladder& ladder = change.side == Side::bid ? book.bids : book.asks;
        ladder.remove(change.left_ticks, change.left_size);
        ladder.add(change.entered_ticks, change.entered_size);
    }

    TopOfBook top(std::uint32_t instrument, std::uint64_t sequence) const noexcept {
        return {sequence, books_[instrument].bids.highest(), books_[instrument].asks.lowest()};
    }

  private:
    struct Book {
        Ladder bids;
        Ladder asks;
    };

    std::array<Book, MarketGenerator::instruments> books_{};
};

}  // namespace roda::examples
