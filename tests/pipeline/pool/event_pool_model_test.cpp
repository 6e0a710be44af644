// SPDX-License-Identifier: Apache-2.0
// The event pool against an obvious model: random requests, copies, names, detached references and
// releases over all sizes; after each, the statistics and every held byte agree.
#include <gtest/gtest.h>
#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "pipeline/pool/event_pool.hpp"

namespace roda {
namespace {

constexpr std::array<std::uint32_t, event_size_count> slots = {9, 7, 5, 4, 3, 3};
constexpr std::uint64_t heap_bytes_max = 120'000;

struct Event {
    std::size_t bytes;
    EventSize size;
    std::uint32_t holders;  // detached ones included
    std::byte fill;
};

/// What a pool would be without slots: events by name, and how many of each size there are.
class Model {
  public:
    explicit Model(bool larger_when_full) : larger_when_full_(larger_when_full) {}

    /// The size that an event will get, or why it gets none; counts as the pool should.
    EventError request(std::size_t bytes, EventSize& size) {
        size = estimate_size(bytes);
        if (size == EventSize::xxl) {
            if (bytes > heap_bytes_max) {
                return EventError::too_large;
            }
            if (heap_bytes() + bytes > heap_bytes_max || in_use(size) == slots.back()) {
                ++expected[index_of(size)].exhausted;
                return EventError::exhausted;
            }
            return EventError::none;
        }
        while (in_use(size) == slots[index_of(size)]) {
            ++expected[index_of(size)].exhausted;
            if (!larger_when_full_ || size == EventSize::xl) {
                return EventError::exhausted;
            }
            size = static_cast<EventSize>(index_of(size) + 1);
        }
        return EventError::none;
    }

    std::uint32_t in_use(EventSize size) const {
        return static_cast<std::uint32_t>(std::ranges::count_if(
            events, [&](const auto& each) { return each.second.size == size; }));
    }

    std::uint64_t heap_bytes() const {
        std::uint64_t bytes = 0;
        for (const auto& [name, event] : events) {
            bytes += event.size == EventSize::xxl ? event.bytes : 0;
        }
        return bytes;
    }

    void release(std::uint64_t name) {
        if (--events.at(name).holders == 0) {
            events.erase(name);
        }
    }

    EventSizeStatistics statistics(EventSize size) {
        EventSizeStatistics& statistics = expected[index_of(size)];
        statistics.total = slots[index_of(size)];
        statistics.in_use = in_use(size);
        statistics.high_water = std::max(statistics.high_water, statistics.in_use);
        statistics.references = 0;
        for (const auto& [name, event] : events) {
            statistics.references += event.size == size ? event.holders : 0;
        }
        return statistics;
    }

    std::map<std::uint64_t, Event> events;
    std::array<EventSizeStatistics, event_size_count> expected{};

  private:
    bool larger_when_full_;
};

class Pair {
  public:
    Pair(std::uint32_t seed, bool larger_when_full)
        : random_(seed),
          pool_({slots[0],
                 slots[1],
                 slots[2],
                 slots[3],
                 slots[4],
                 slots[5],
                 heap_bytes_max,
                 larger_when_full}),
          model_(larger_when_full) {}

    void turn() {
        switch (pick(7)) {
            case 0:
            case 1:
                request();
                break;
            case 2:
                copy();
                break;
            case 3:
                lock_any_name();
                break;
            case 4:
                travel();
                break;
            default:
                release();
                break;
        }
        compare();
    }

    std::uint32_t stale_names() const { return stale_; }

  private:
    std::size_t pick(std::size_t below) { return random_() % below; }

    void request() {
        constexpr std::array<std::size_t, 7> limits = {
            64, 256, 1'024, 4'096, 16'384, heap_bytes_max / 2, heap_bytes_max + 1'000};
        const std::size_t most = limits[pick(limits.size())];
        const std::size_t bytes = most - pick(most / 2 + 1);
        const auto fill = static_cast<std::byte>(random_());
        EventSize size{};
        const EventError expected = model_.request(bytes, size);
        EventResult result = pool_.allocate_or_heap(bytes, static_cast<std::uint32_t>(bytes));
        ASSERT_EQ(result.error, expected) << bytes;
        if (!result) {
            ASSERT_FALSE(result.event);
            return;
        }
        const std::uint64_t name = result.event.ref().bits;
        ASSERT_TRUE(std::ranges::find(names_, name) == names_.end()) << "a name was given twice";
        std::memset(result.event.writable().data(), static_cast<int>(fill), bytes);
        model_.events[name] = {bytes, size, 1, fill};
        names_.push_back(name);
        handles_.push_back(std::move(result.event));
    }

    void copy() {
        if (!handles_.empty()) {
            handles_.push_back(RingPtr(handles_[pick(handles_.size())]));
            ++model_.events.at(handles_.back().ref().bits).holders;
        }
    }

    void lock_any_name() {
        if (names_.empty()) {
            return;
        }
        const std::uint64_t name = names_[pick(names_.size())];
        RingPtr locked = pool_.lock({name});
        const auto known = model_.events.find(name);
        ASSERT_EQ(static_cast<bool>(locked), known != model_.events.end());
        if (!locked) {
            ++stale_;
            return;
        }
        ++known->second.holders;
        handles_.push_back(std::move(locked));
    }

    /// Out as a plain word and back: nothing is counted.
    void travel() {
        if (!handles_.empty()) {
            RingPtr& handle = handles_[pick(handles_.size())];
            const EventRef word = handle.detach();
            ASSERT_FALSE(handle);
            handle = pool_.adopt(word);
        }
    }

    void release() {
        if (!handles_.empty()) {
            std::swap(handles_[pick(handles_.size())], handles_.back());
            model_.release(handles_.back().ref().bits);
            handles_.pop_back();
        }
    }

    void compare() {
        for (std::size_t size = 0; size < event_size_count; ++size) {
            ASSERT_EQ(pool_.statistics(static_cast<EventSize>(size)),
                      model_.statistics(static_cast<EventSize>(size)))
                << event_size_names[size];
        }
        ASSERT_EQ(pool_.heap_bytes(), model_.heap_bytes());
        for (const RingPtr& handle : handles_) {
            const Event& event = model_.events.at(handle.ref().bits);
            const std::span<const std::byte> payload = handle.payload();
            ASSERT_EQ(payload.size(), event.bytes);
            ASSERT_EQ(handle.event_type(), event.bytes);
            ASSERT_EQ(handle.size(), event.size);
            ASSERT_EQ(handle.references(), event.holders);
            ASSERT_EQ(payload.front(), event.fill);
            ASSERT_EQ(payload.back(), event.fill);
        }
    }

    std::mt19937 random_;
    EventPool pool_;
    Model model_;
    std::vector<std::uint64_t> names_;  // every one ever given
    std::vector<RingPtr> handles_;
    std::uint32_t stale_ = 0;
};

void expect_agreement(bool larger_when_full) {
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        Pair pair(seed, larger_when_full);
        for (int turn = 0; turn < 5'000; ++turn) {
            pair.turn();
            ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed << " turn " << turn;
        }
        EXPECT_GT(pair.stale_names(), 200u);
    }
}

TEST(EventPoolModel, AgreesOnRandomUse) {
    expect_agreement(false);
}

TEST(EventPoolModel, AgreesWhenFullSizesTakeLargerSlots) {
    expect_agreement(true);
}

}  // namespace
}  // namespace roda
