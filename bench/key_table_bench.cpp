// SPDX-License-Identifier: Apache-2.0
// What the tables of keys cost by themselves, without operators: a hit under the sliding prefetch,
// a key that leaves for one that comes, and the hand that goes round; against an array indexed by
// key (the floor) and std::unordered_map. Slots of one line; keys without gaps are the best that
// can happen to std::hash.
#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

#include "bench/digest.hpp"
#include "bench/sensor_load.hpp"
#include "bench/suite.hpp"
#include "pipeline/table/dense_table.hpp"
#include "pipeline/table/key_table.hpp"

namespace roda::bench {
namespace {

using KeyWord = std::uint64_t;

/// With the key, one cache line.
struct Sums {
    std::uint64_t count;
    std::uint64_t sum;
    std::uint64_t last;
    std::array<std::uint64_t, 4> more;

    std::uint64_t add(std::uint64_t number) noexcept {
        ++count;
        sum += number ^ last;
        last = number;
        return sum;
    }
};

using Tagged = KeyTable<KeyWord, Sums>;
using Dense = DenseTable<KeyWord, Sums>;
using Map = std::unordered_map<KeyWord, Sums>;

static_assert(Tagged::slot_bytes == 64 && Dense::slot_bytes == 64);

/// The three steps of a look-up, two times 16 keys apart, as keyed_by() takes them.
template <class Table>
class Slide {
  public:
    explicit Slide(std::uint32_t max_keys) : table_(max_keys) {}

    std::uint64_t hit_all(const Array<KeyWord>& keys) {
        std::uint64_t mixed = 0;
        for (std::size_t i = 0; i < keys.size() + window; ++i) {
            Step& entering = steps_[i % window];
            if (i >= window) {
                const KeyWord key = keys[i - window];
                mixed ^= table_.find_or_insert(key, entering.hash, entering.slot).value->add(i);
            }
            if (i < keys.size()) {
                entering.hash = table_.hash(keys[i]);
                table_.prefetch_tags(entering.hash);
            }
            if (i >= window / 2 && i < keys.size() + window / 2) {
                Step& looked_up = steps_[(i - window / 2) % window];
                looked_up.slot = table_.prefetch_slot(looked_up.hash);
            }
        }
        return mixed;
    }

  private:
    static constexpr std::size_t window = 32;

    struct Step {
        std::uint64_t hash;
        typename Table::Slot* slot;
    };

    Table table_;
    std::array<Step, window> steps_{};
};

/// The key is the index; asked for 24 ahead. Nothing with a line for each key is faster.
class Indexed {
  public:
    explicit Indexed(std::uint32_t max_keys) : slots_(max_keys) {}

    std::uint64_t hit_all(const Array<KeyWord>& keys) noexcept {
        std::uint64_t mixed = 0;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (i + ahead < keys.size()) {
                __builtin_prefetch(&slots_[keys[i + ahead]], 1);
            }
            mixed ^= slots_[keys[i]].sums.add(i + delay);
        }
        return mixed;
    }

  private:
    static constexpr std::size_t ahead = 24;
    static constexpr std::size_t delay = 32;  // the numbers that the slide adds

    struct alignas(64) Slot {
        KeyWord key;
        Sums sums;
    };

    Array<Slot> slots_;
};

class Mapped {
  public:
    explicit Mapped(std::uint32_t max_keys) { map_.reserve(max_keys); }

    std::uint64_t hit_all(const Array<KeyWord>& keys) {
        std::uint64_t mixed = 0;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            mixed ^= map_.try_emplace(keys[i]).first->second.add(i + 32);
        }
        return mixed;
    }

  private:
    Map map_;
};

// The map under the tables' names, for the work that is written once.
bool insert(Map& map, KeyWord key, std::uint64_t number) {
    const auto [at, fresh] = map.try_emplace(key);
    at->second.last = number;
    return fresh;
}

template <class Table>
bool insert(Table& table, KeyWord key, std::uint64_t number) noexcept {
    const auto found = table.find_or_insert(key);
    found.value->last = number;
    return found.fresh;
}

std::uint64_t sum_of(Map& map) {
    std::uint64_t sum = 0;
    for (auto& [key, value] : map) {
        sum += key ^ ++value.count;
    }
    return sum;
}

template <class Table>
std::uint64_t sum_of(Table& table) {
    std::uint64_t sum = 0;
    table.sweep(~std::uint32_t{0}, [&sum](KeyWord key, Sums& value) {
        sum += key ^ ++value.count;
        return false;
    });
    return sum;
}

/// Of twice as many keys as are there, in random order: each comes as often as it leaves.
template <class Table>
class Churn {
  public:
    Churn(std::uint32_t keys_there, Table table, const Array<KeyWord>& order)
        : there_(keys_there), table_(std::move(table)), order_(order) {
        for (next_ = 0; next_ < there_; ++next_) {
            insert(table_, order_[next_], next_);
        }
    }

    std::uint64_t run(std::uint64_t steps) {
        std::uint64_t changes = 0;
        for (const std::uint64_t end = next_ + steps; next_ < end; ++next_) {
            changes +=
                static_cast<std::uint64_t>(table_.erase(order_[(next_ - there_) % order_.size()]));
            changes += insert(table_, order_[next_ % order_.size()], next_) ? 1u : 0u;
        }
        return changes;
    }

    std::uint64_t sweep() { return sum_of(table_); }

  private:
    std::uint64_t there_;
    Table table_;
    const Array<KeyWord>& order_;
    std::uint64_t next_ = 0;
};

/// A variant whose result is what `work` returns.
template <class Work>
Variant variant(std::string name, std::uint64_t& result, Work work) {
    return {.name = std::move(name),
            .run = [&result, work] { result = work(); },
            .result =
                [&result] {
                    Digest digest;
                    digest.add(result);
                    return digest.value();
                }};
}

void measure_hits(Suite& suite, const std::string& name, std::uint32_t max_keys) {
    SensorLoad load(max_keys, Ids::dense);
    const Array<KeyWord> keys(suite.options().size<std::size_t>(4'000'000, 20'000));
    std::ranges::generate(keys, [&load] { return load.next().sensor_id - 1; });
    Indexed indexed(max_keys);
    Slide<Dense> dense(max_keys);
    Slide<Tagged> tagged(max_keys);
    Mapped mapped(max_keys);
    std::array<std::uint64_t, 4> results{};
    suite.measure(
        Comparison("key_table.hit_" + name, keys.size())
            .same_work(variant("array", results[0], [&] { return indexed.hit_all(keys); }))
            .same_work(variant("dense table", results[1], [&] { return dense.hit_all(keys); }))
            .same_work(variant("key table", results[2], [&] { return tagged.hit_all(keys); }))
            .same_work(variant("unordered_map", results[3], [&] { return mapped.hit_all(keys); })));
}

/// Ids as devices choose them; no array holds these.
void measure_scattered(Suite& suite, const std::string& name, std::uint32_t max_keys) {
    SensorLoad load(max_keys, Ids::scattered);
    const Array<KeyWord> keys(suite.options().size<std::size_t>(4'000'000, 20'000));
    std::ranges::generate(keys, [&load] { return load.next().sensor_id; });
    Slide<Tagged> tagged(max_keys);
    Mapped mapped(max_keys);
    std::array<std::uint64_t, 2> results{};
    suite.measure(
        Comparison("key_table.scattered_" + name, keys.size())
            .same_work(variant("key table", results[0], [&] { return tagged.hit_all(keys); }))
            .same_work(variant("unordered_map", results[1], [&] { return mapped.hit_all(keys); })));
}

Array<KeyWord> shuffled(std::uint32_t count) {
    Array<KeyWord> order(count);
    std::iota(order.begin(), order.end(), KeyWord{0});
    SensorLoad load(count, Ids::dense);
    for (std::size_t left = count; left > 1; --left) {
        std::swap(order[left - 1], order[load.next().sensor_id % left]);
    }
    return order;
}

void measure_churn(Suite& suite, const std::string& name, std::uint32_t max_keys) {
    const Array<KeyWord> order = shuffled(2 * max_keys);
    Map reserved;
    reserved.reserve(max_keys);
    Churn<Dense> dense(max_keys, Dense(2 * max_keys), order);
    Churn<Tagged> tagged(max_keys, Tagged(max_keys), order);
    Churn<Map> mapped(max_keys, std::move(reserved), order);
    const auto steps = suite.options().size<std::uint64_t>(1'000'000, 10'000);
    std::array<std::uint64_t, 3> results{};
    suite.measure(
        Comparison("key_table.churn_" + name, steps)
            .same_work(variant("dense table", results[0], [&] { return dense.run(steps); }))
            .same_work(variant("key table", results[1], [&] { return tagged.run(steps); }))
            .same_work(variant("unordered_map", results[2], [&] { return mapped.run(steps); })));
    suite.measure(
        Comparison("key_table.sweep_" + name, max_keys)
            .same_work(variant("dense table", results[0], [&] { return dense.sweep(); }))
            .same_work(variant("key table", results[1], [&] { return tagged.sweep(); }))
            .same_work(variant("unordered_map", results[2], [&] { return mapped.sweep(); })));
}

void measure(Suite& suite, const std::string& name, std::uint32_t max_keys) {
    measure_hits(suite, name, max_keys);
    measure_scattered(suite, name, max_keys);
    measure_churn(suite, name, max_keys);
}

void body(Suite& suite) {
    measure(suite, "1k", 1'000);
    measure(suite, "100k", suite.options().size(100'000u, 1'000u));
    measure(suite, "1m", suite.options().size(1'000'000u, 1'000u));
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(
        argc, argv, "key_table", "cost of a key: hit, coming and going, sweep", roda::bench::body);
}
