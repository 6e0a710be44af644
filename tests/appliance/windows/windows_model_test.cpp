// SPDX-License-Identifier: Apache-2.0
// Windows against a model that keeps all readings and computes each window anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "appliance/windows/windows.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double greatest = std::numeric_limits<double>::max();

struct Reading {
    double value;
    std::uint64_t event_ns;
};

using Told = std::vector<WindowFigures>;

class Model {
  public:
    explicit Model(const WindowShape& shape) : shape_(shape) {}

    void add(const Reading& reading) {
        advance(reading.event_ns, true);
        if (reading.event_ns / shape_.slide_ns < first_) {
            ++late;
        } else {
            readings_.push_back(reading);
        }
    }

    void pass(std::uint64_t event_ns) { advance(event_ns, false); }

    std::uint64_t due_ns() const {
        for (std::uint64_t window = first_; has_readings_from(window); ++window) {
            if (!readings_of(window).empty()) {
                return window * shape_.slide_ns + shape_.width_ns + shape_.lateness_ns;
            }
        }
        return never;
    }

    std::uint64_t late = 0;
    Told told;
    std::vector<std::uint64_t> counts_before;
    std::vector<std::vector<double>> values;  // of each window told, sorted

  private:
    bool has_readings_from(std::uint64_t window) const {
        return std::any_of(readings_.begin(), readings_.end(), [&](const Reading& reading) {
            return reading.event_ns >= window * shape_.slide_ns;
        });
    }

    std::vector<Reading> readings_of(std::uint64_t window) const {
        std::vector<Reading> inside;
        for (const Reading& reading : readings_) {
            if (reading.event_ns >= window * shape_.slide_ns &&
                reading.event_ns - window * shape_.slide_ns < shape_.width_ns) {
                inside.push_back(reading);
            }
        }
        return inside;
    }

    void advance(std::uint64_t event_ns, bool is_reading) {
        const std::uint64_t panes =
            (shape_.width_ns + shape_.lateness_ns - 1) / shape_.slide_ns + 1;
        while (first_ * shape_.slide_ns + shape_.width_ns + shape_.lateness_ns <= event_ns) {
            if (!is_reading && !has_readings_from(first_)) {
                return;
            }
            const std::vector<Reading> inside = readings_of(first_);
            if (!inside.empty()) {
                gap_left_ = panes;
                tell(inside);
            } else if (gap_left_ != 0) {
                --gap_left_;
                tell(inside);
            }
            count_before_ = inside.size();
            ++first_;
        }
    }

    void tell(std::vector<Reading> inside) {
        WindowFigures window{.start_ns = first_ * shape_.slide_ns,
                             .end_ns = first_ * shape_.slide_ns + shape_.width_ns,
                             .count = inside.size()};
        window.mean = window.minimum = window.maximum = window.deviation = window.rate = not_known;
        std::vector<double> sorted;
        if (!inside.empty()) {
            std::stable_sort(inside.begin(), inside.end(), [](const Reading& a, const Reading& b) {
                return a.event_ns < b.event_ns;
            });
            for (const Reading& reading : inside) {
                sorted.push_back(reading.value);
            }
            compute(window, inside);
            std::sort(sorted.begin(), sorted.end());
        }
        told.push_back(window);
        values.push_back(sorted);
        counts_before.push_back(count_before_);
    }

    static void compute(WindowFigures& window, const std::vector<Reading>& by_time) {
        long double sum = 0.0L;
        for (const Reading& reading : by_time) {
            sum += reading.value;
        }
        const auto count = static_cast<long double>(by_time.size());
        const long double mean = sum / count;
        long double squares = 0.0L;
        window.minimum = window.maximum = by_time.front().value;
        for (const Reading& reading : by_time) {
            squares += (reading.value - mean) * (reading.value - mean);
            window.minimum = std::min(window.minimum, reading.value);
            window.maximum = std::max(window.maximum, reading.value);
        }
        window.mean = static_cast<double>(mean);
        window.deviation = static_cast<double>(std::sqrt(squares / count));
        const std::uint64_t passed_ns = by_time.back().event_ns - by_time.front().event_ns;
        if (passed_ns != 0) {
            const long double moved =
                static_cast<long double>(by_time.back().value) - by_time.front().value;
            const long double rate = moved / (static_cast<long double>(passed_ns) * 1e-9L);
            window.rate = static_cast<double>(std::clamp<long double>(rate, -greatest, greatest));
        }
    }

    WindowShape shape_;
    std::uint64_t first_ = 0;
    std::uint64_t gap_left_ = 0;
    std::uint64_t count_before_ = 0;
    std::vector<Reading> readings_;
};

void expect_quantile(double answer, const std::vector<double>& sorted, std::size_t percent) {
    const double exact = sorted[(sorted.size() * percent + 99) / 100 - 1];
    const double most = std::max(std::abs(sorted.front()), std::abs(sorted.back()));
    const bool both_signs = sorted.front() < 0.0 && sorted.back() > 0.0;
    const double small = most / (both_signs ? 83.0 : 7'500.0);
    ASSERT_LE(std::abs(answer - exact), std::abs(exact) < small ? small : 0.02 * std::abs(exact));
}

/// Sums differ in their last bits, and squares end at 1e308.
void expect_same(const WindowFigures& window, const WindowFigures& expected) {
    ASSERT_EQ(window.start_ns, expected.start_ns);
    ASSERT_EQ(window.end_ns, expected.end_ns);
    ASSERT_EQ(window.count, expected.count);
    if (expected.count == 0) {
        for (const Figure figure : {Figure::window_mean,
                                    Figure::window_minimum,
                                    Figure::window_maximum,
                                    Figure::window_deviation,
                                    Figure::window_rate,
                                    Figure::window_p50}) {
            ASSERT_TRUE(std::isnan(window.of(figure)));
        }
        return;
    }
    ASSERT_EQ(window.minimum, expected.minimum);
    ASSERT_EQ(window.maximum, expected.maximum);
    const double size = std::max(std::abs(window.minimum), std::abs(window.maximum));
    ASSERT_LE(std::abs(window.mean - expected.mean), 1e-13 * size);
    ASSERT_LE(window.minimum, window.mean);
    ASSERT_LE(window.mean, window.maximum);
    ASSERT_GE(window.deviation, 0.0);
    ASSERT_LE(window.deviation, greatest);
    if (size < 1e150) {
        ASSERT_LE(std::abs(window.deviation - expected.deviation),
                  1e-9 * expected.deviation + 1e-13 * size + 1e-150);
    }
    ASSERT_EQ(std::isnan(window.rate), std::isnan(expected.rate));
    if (!std::isnan(expected.rate)) {
        ASSERT_LE(std::abs(window.rate / 2 - expected.rate / 2), 1e-13 * std::abs(expected.rate));
    }
}

/// The figures that no order of arrival changes, bit by bit.
void expect_equal(const WindowFigures& window, const WindowFigures& other) {
    ASSERT_EQ(window.count, other.count);
    for (const Figure figure : {Figure::window_minimum,
                                Figure::window_maximum,
                                Figure::window_rate,
                                Figure::window_p50,
                                Figure::window_p90,
                                Figure::window_p95,
                                Figure::window_p99}) {
        const double mine = window.of(figure);
        ASSERT_TRUE(mine == other.of(figure) || (std::isnan(mine) && std::isnan(other.of(figure))));
    }
    expect_same(window, other);
}

class Draw {
  public:
    explicit Draw(std::uint64_t seed) : random_(seed), kind_(random_() % 7) {}

    std::uint64_t below(std::uint64_t end) { return random_() % end; }

    WindowShape shape() {
        const std::uint64_t slide_ns = 1 + below(20);
        const std::uint64_t width_ns = slide_ns * (below(3) == 0 ? 1 : 1 + below(12));
        const std::uint64_t most_ns = below(2) == 0 ? 3 * width_ns : slide_ns;
        return {.width_ns = width_ns,
                .slide_ns = slide_ns,
                .lateness_ns = below(4) == 0 ? 0 : below(most_ns + 1)};
    }

    double value() {
        const double sign = below(2) == 0 ? -1.0 : 1.0;
        switch (kind_) {
            case 0:
                return -0.1;
            case 1:
                return static_cast<double>(below(3)) - 1.0;
            case 2:
                return 1e6 + normal_(random_);
            case 3:
                return std::pow(10.0, 2.0 * normal_(random_));
            case 4:
                return below(5) == 0 ? 0.0 : sign * std::pow(10.0, 60.0 * normal_(random_));
            case 5:
                return sign * greatest;
            default:
                return normal_(random_);
        }
    }

    /// Times that mostly creep, stand still at times, and at times leap.
    std::vector<Reading> readings(std::size_t count, const WindowShape& shape, bool distinct) {
        std::vector<Reading> all;
        std::uint64_t event_ns = below(2) == 0 ? 0 : below(1000);
        for (std::size_t i = 0; i < count; ++i) {
            event_ns += below(30) == 0 ? below(20 * shape.width_ns) : below(shape.slide_ns + 1);
            event_ns += distinct;
            all.push_back({value(), event_ns});
        }
        return all;
    }

    /// An order in which nothing comes later than it may.
    std::vector<Reading> delayed(const std::vector<Reading>& readings, std::uint64_t lateness_ns) {
        std::vector<std::pair<std::uint64_t, Reading>> arrivals;
        for (const Reading& reading : readings) {
            arrivals.emplace_back(reading.event_ns + below(lateness_ns + 1), reading);
        }
        std::stable_sort(arrivals.begin(), arrivals.end(), [](const auto& a, const auto& b) {
            return a.first < b.first;
        });
        std::vector<Reading> all;
        for (const auto& arrival : arrivals) {
            all.push_back(arrival.second);
        }
        return all;
    }

  private:
    std::mt19937_64 random_;
    std::normal_distribution<double> normal_;
    std::uint64_t kind_;
};

TEST(WindowsModel, AnyReadingsAndTimesGiveTheModelsWindows) {
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
        SCOPED_TRACE(seed);
        Draw draw(seed);
        const WindowShape shape = draw.shape();
        const bool quantiles = seed % 2 == 0;
        Model model(shape);
        Windows windows(1 << 18);
        const std::uint32_t number = windows.open(shape, quantiles);
        Told told;
        std::vector<std::uint64_t> counts_before;
        const auto tell = [&](const WindowFigures& window, const WindowFigures& before) {
            told.push_back(window);
            counts_before.push_back(before.count);
        };
        // More out of order than the lateness allows.
        const std::uint64_t disorder_ns = shape.lateness_ns + draw.below(2 * shape.width_ns);
        for (const Reading& reading : draw.delayed(draw.readings(80, shape, false), disorder_ns)) {
            model.add(reading);
            const bool may_close = windows.may_close(number, reading.event_ns);
            const std::size_t told_before = told.size();
            windows.add(number, reading.value, reading.event_ns, tell);
            ASSERT_TRUE(may_close || told.size() == told_before);
            ASSERT_EQ(windows.due_ns(number), model.due_ns());
            if (draw.below(6) == 0) {
                const std::uint64_t now_ns = reading.event_ns + draw.below(4 * shape.width_ns);
                model.pass(now_ns);
                windows.pass(number, now_ns, tell);
                ASSERT_EQ(windows.due_ns(number), model.due_ns());
            }
        }
        model.pass(1'000'000'000);
        windows.pass(number, 1'000'000'000, tell);
        ASSERT_EQ(windows.late(), model.late);
        ASSERT_EQ(counts_before, model.counts_before);
        ASSERT_EQ(told.size(), model.told.size());
        for (std::size_t i = 0; i < told.size(); ++i) {
            ASSERT_NO_FATAL_FAILURE(expect_same(told[i], model.told[i]));
            if (quantiles && told[i].count != 0) {
                ASSERT_NO_FATAL_FAILURE(expect_quantile(told[i].p50, model.values[i], 50));
                ASSERT_NO_FATAL_FAILURE(expect_quantile(told[i].p90, model.values[i], 90));
                ASSERT_NO_FATAL_FAILURE(expect_quantile(told[i].p95, model.values[i], 95));
                ASSERT_NO_FATAL_FAILURE(expect_quantile(told[i].p99, model.values[i], 99));
            }
        }
    }
}

TEST(WindowsModel, AnyOrderWithinTheLatenessGivesTheSameWindows) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        SCOPED_TRACE(seed);
        Draw draw(seed);
        const WindowShape shape = draw.shape();
        const std::vector<Reading> readings = draw.readings(120, shape, true);
        std::vector<Told> all;
        for (int order = 0; order < 4; ++order) {
            Windows windows(1 << 18);
            const std::uint32_t number = windows.open(shape, true);
            Told& told = all.emplace_back();
            const auto tell = [&](const WindowFigures& window, const WindowFigures&) {
                told.push_back(window);
            };
            std::uint64_t newest_ns = 0;
            for (const Reading& reading :
                 order == 0 ? readings : draw.delayed(readings, shape.lateness_ns)) {
                windows.add(number, reading.value, reading.event_ns, tell);
                newest_ns = std::max(newest_ns, reading.event_ns);
                if (order == 3 && draw.below(4) == 0) {
                    windows.pass(number, newest_ns, tell);
                }
            }
            windows.pass(number, never, tell);
            ASSERT_EQ(windows.late(), 0u);
        }
        for (const Told& told : all) {
            ASSERT_EQ(told.size(), all[0].size());
            for (std::size_t i = 0; i < told.size(); ++i) {
                ASSERT_NO_FATAL_FAILURE(expect_equal(told[i], all[0][i]));
            }
        }
    }
}

}  // namespace
}  // namespace roda::appliance
