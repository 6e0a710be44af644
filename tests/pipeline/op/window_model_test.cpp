// SPDX-License-Identifier: Apache-2.0
// window against the obvious way, a map of windows for each key, on random streams out of order:
// same windows, order, causes and late items, with exactly the places that open_windows_for()
// names.
#include <gtest/gtest.h>
#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include "pipeline/op/window.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

__extension__ using Wide = unsigned __int128;  // no sum of two times overflows

constexpr std::uint32_t most_places = 8;
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

/// Shows who was folded, and in which order.
struct Trace {
    std::uint64_t sensor_id;
    std::uint64_t values;

    friend bool operator==(const Trace&, const Trace&) = default;
};

Trace start(const Reading& r) {
    return {r.sensor_id, static_cast<std::uint64_t>(r.value)};
}

void add(Trace& trace, const Reading& r) {
    trace.values = trace.values * 31 + static_cast<std::uint64_t>(r.value);
}

using Out = std::vector<Emission<Window<Trace>>>;

class Model {
  public:
    explicit Model(const WindowOptions& options)
        : options_(options),
          slide_ns_(options.slide_ns != 0 ? options.slide_ns : options.width_ns) {}

    void push(const Reading& reading, Cause cause, Out& out) {
        Key& key = keys_[reading.sensor_id];
        advance(key, reading.timestamp_ns, cause, out);
        int taken = 0;
        int missed = 0;
        const std::uint64_t newest_start = reading.timestamp_ns / slide_ns_ * slide_ns_;
        for (Wide start_ns = newest_start; start_ns + options_.width_ns > reading.timestamp_ns;
             start_ns -= slide_ns_) {
            if (is_closed(key, start_ns)) {
                ++missed;
            } else {
                fold_into(key, start_ns, reading);
                ++taken;
            }
            if (start_ns == 0) {
                break;
            }
        }
        most_open_ = std::max(most_open_, key.open.size());
        if (taken == 0) {
            late_.push_back(reading);
        }
        partly_late_ += taken != 0 && missed != 0 ? 1 : 0;
    }

    void advance_time(std::uint64_t now_ns, Cause cause, Out& out) {
        for (auto& [id, key] : keys_) {
            advance(key, now_ns, cause, out);
        }
    }

    const std::vector<Reading>& late() const { return late_; }

    std::size_t partly_late() const { return partly_late_; }

    std::size_t most_open() const { return most_open_; }

  private:
    struct Key {
        std::uint64_t newest_ns = 0;
        std::map<Wide, Window<Trace>> open;  // by start
    };

    bool is_closed(const Key& key, Wide start_ns) const {
        return start_ns + options_.width_ns + options_.lateness_ns <= key.newest_ns;
    }

    void advance(Key& key, std::uint64_t now_ns, Cause cause, Out& out) {
        key.newest_ns = std::max(key.newest_ns, now_ns);
        while (!key.open.empty() && is_closed(key, key.open.begin()->first)) {
            out.push_back({key.open.begin()->second, cause});
            key.open.erase(key.open.begin());
        }
    }

    void fold_into(Key& key, Wide start_ns, const Reading& reading) {
        const auto [at, fresh] = key.open.try_emplace(start_ns);
        Window<Trace>& window = at->second;
        if (fresh) {
            window = {static_cast<std::uint64_t>(start_ns),
                      static_cast<std::uint64_t>(start_ns + options_.width_ns),
                      1,
                      start(reading)};
        } else {
            ++window.count;
            add(window.state, reading);
        }
    }

    WindowOptions options_;
    std::uint64_t slide_ns_;
    std::map<std::uint64_t, Key> keys_;
    std::vector<Reading> late_;
    std::size_t partly_late_ = 0;
    std::size_t most_open_ = 0;
};

WindowOptions random_options(std::mt19937_64& random) {
    for (;;) {
        const std::uint64_t width_ns = 1 + random() % 40;
        const WindowOptions options{.width_ns = width_ns,
                                    .slide_ns = random() % 2 == 0 ? 0 : 1 + random() % width_ns,
                                    .lateness_ns = random() % 2 == 0 ? 0 : random() % 60};
        if (open_windows_for(options) <= most_places) {
            return options;
        }
    }
}

/// Mostly a little forward and back, sometimes far back, sometimes a jump; begins at `from_ns`.
class RandomStream {
  public:
    RandomStream(std::mt19937_64& random, std::uint64_t from_ns)
        : random_(random), newest_ns_(from_ns) {}

    Reading next() {
        const std::uint64_t kind = random_() % 100;
        std::uint64_t time_ns = newest_ns_;
        if (kind < 45) {
            time_ns -= std::min(time_ns, random_() % 30);
        } else if (kind < 95) {
            time_ns += std::min(most - time_ns, random_() % 12);
        } else if (kind < 97) {
            time_ns -= std::min(time_ns, random_() % 300);
        } else {
            time_ns += std::min(most - time_ns, random_() % (kind == 99 ? 5'000 : 100));
        }
        newest_ns_ = std::max(newest_ns_, time_ns);
        return {1 + random_() % 4, static_cast<double>(random_() % 29 + 1), time_ns};
    }

    std::uint64_t newest_ns() const { return newest_ns_; }

  private:
    std::mt19937_64& random_;
    std::uint64_t newest_ns_;
};

/// Keys come in the order of the table when time moves on: only the order in a key is promised.
Out by_key(Out out) {
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return a.output.state.sensor_id < b.output.state.sensor_id;
    });
    return out;
}

struct Totals {
    std::size_t windows = 0;
    std::size_t late = 0;
    std::size_t partly_late = 0;
};

template <std::uint32_t places>
void compare_with_model(const WindowOptions& options, RandomStream stream, Totals& totals) {
    std::vector<Reading> late;
    auto bound = pipe(keyed_by({.max_keys = 4},
                               &Reading::sensor_id,
                               window<places>(options,
                                              &Reading::timestamp_ns,
                                              start,
                                              add,
                                              [&](const auto& r) { late.push_back(r); })))
                     .template bind<Reading>();
    Model model(options);
    Cause cause = 0;
    for (int burst = 0; burst < 40; ++burst) {
        std::vector<Reading> readings;
        Out expected;
        for (int i = 0; i < 40; ++i) {
            readings.push_back(stream.next());
            model.push(readings.back(), cause + readings.size() - 1, expected);
        }
        ASSERT_EQ(run_bound(bound, readings, 33, cause), expected);
        cause += readings.size();
        totals.windows += expected.size();
        if (burst % 5 == 0) {
            Out out;
            Out advanced;
            const auto now_ns = stream.newest_ns() - std::min<std::uint64_t>(stream.newest_ns(), 9);
            bound.advance_time(now_ns, cause, [&](const Window<Trace>& w, Cause by) {
                out.push_back({w, by});
            });
            model.advance_time(now_ns, cause, advanced);
            ASSERT_EQ(by_key(out), by_key(advanced));
        }
    }
    ASSERT_EQ(late, model.late());
    ASSERT_LE(model.most_open(), open_windows_for(options));
    totals.late += late.size();
    totals.partly_late += model.partly_late();
}

/// With exactly as many places as these options need.
template <std::uint32_t places = most_places>
void compare(const WindowOptions& options, const RandomStream& stream, Totals& totals) {
    if constexpr (places > 1) {
        if (open_windows_for(options) < places) {
            compare<places - 1>(options, stream, totals);
            return;
        }
    }
    compare_with_model<places>(options, stream, totals);
}

class WindowAgainstModel : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(WindowAgainstModel, GivesTheSameWindowsCausesAndLateItems) {
    std::mt19937_64 random(GetParam() % 1'000 + 1);
    Totals totals;
    for (int round = 0; round < 100; ++round) {
        const WindowOptions options = random_options(random);
        SCOPED_TRACE(::testing::Message()
                     << "width " << options.width_ns << " slide " << options.slide_ns
                     << " lateness " << options.lateness_ns);
        compare(options, RandomStream(random, GetParam()), totals);
        if (HasFatalFailure()) {
            return;
        }
    }
    EXPECT_GT(totals.windows, 10'000u);
    EXPECT_GT(totals.late, 1'000u);
    EXPECT_GT(totals.partly_late, 1'000u);
}

INSTANTIATE_TEST_SUITE_P(StartingAt,
                         WindowAgainstModel,
                         ::testing::Values(std::uint64_t{0},
                                           std::uint64_t{17},
                                           std::uint64_t{1'700'000'000'000'000'000},
                                           most - 9'000,
                                           most - 100'000));

TEST(WindowModel, AsManyWindowsMayBeOpenAsPlacesAreAskedFor) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 300; ++round) {
        const WindowOptions options = random_options(random);
        Model model(options);
        Out out;
        for (std::uint64_t time_ns = 0; time_ns < 400; ++time_ns) {
            model.push({1, 1, time_ns}, 0, out);
        }
        ASSERT_EQ(model.most_open(), open_windows_for(options))
            << options.width_ns << " " << options.slide_ns << " " << options.lateness_ns;
    }
}

}  // namespace
}  // namespace roda
