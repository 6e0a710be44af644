// SPDX-License-Identifier: Apache-2.0
// Whatever readings come within a quiet interval, conditions stay; and usual readings are within.
#include "appliance/alerting/quiet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace roda::appliance {

// Found by argument: what a failed comparison prints.
static void PrintTo(const QuietInterval& interval, std::ostream* out) {
    *out << '[' << interval.low << ", " << interval.high << ']';
}

static bool operator==(const QuietInterval& a, const QuietInterval& b) {
    return a.low == b.low && a.high == b.high;
}

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double greatest = std::numeric_limits<double>::max();
constexpr double denormal = std::numeric_limits<double>::denorm_min();
constexpr double greatest_float = std::numeric_limits<float>::max();

AlarmPoint point_of(RuleKind kind, Figure of = Figure::value) {
    AlarmPoint point;
    point.kind = kind;
    point.of = of;
    return point;
}

AlarmPoint level_point(Level level, double limit, double deadband, Figure of = Figure::value) {
    AlarmPoint point = point_of(RuleKind::limits, of);
    point.level = level;
    point.limit = limit;
    point.deadband = deadband;
    return point;
}

AlarmPoint jump_point(double ratio, double absolute, Reference against, Figure of = Figure::value) {
    AlarmPoint point = point_of(RuleKind::jump, of);
    point.margin = ratio - 1.0;
    point.absolute = absolute;
    point.against = against;
    return point;
}

SensorState heard(double value) {
    SensorState state{};
    state.begin(value, 1);
    return state;
}

QuietInterval quiet_of(const AlarmPoint& point,
                       const SensorState& state,
                       bool held,
                       double weight = 1.0) {
    return quiet_interval(point, nullptr, state, held, weight);
}

bool is_none(const QuietInterval& interval) {
    return interval.low > interval.high;
}

QuietInterval after_set_quiet(const QuietInterval& interval) {
    SensorState state{};
    set_quiet(state, interval);
    return {static_cast<double>(state.quiet_low), static_cast<double>(state.quiet_high)};
}

TEST(QuietInterval, OfAValuesLimitIsAllThatLeavesItAsItIs) {
    const SensorState state = heard(50.0);
    const AlarmPoint hi = level_point(Level::hi, 120.0, 5.0);
    EXPECT_EQ(quiet_of(hi, state, false), (QuietInterval{-infinity, 120.0}));
    EXPECT_EQ(quiet_of(hi, state, true), (QuietInterval{std::nextafter(115.0, 116.0), infinity}));
    const AlarmPoint lolo = level_point(Level::lolo, -8.0, 0.0);
    EXPECT_EQ(quiet_of(lolo, state, false), (QuietInterval{-8.0, infinity}));
    EXPECT_EQ(quiet_of(lolo, state, true), (QuietInterval{-infinity, std::nextafter(-8.0, -9.0)}));
    const AlarmPoint zero = level_point(Level::hihi, 0.0, 0.0);
    EXPECT_EQ(quiet_of(zero, state, true), (QuietInterval{denormal, infinity}));
}

TEST(QuietInterval, OfNoLimitIsTheWholeLine) {
    const SensorState state = heard(50.0);
    AlarmPoint point = level_point(Level::lo, nan, 5.0);
    EXPECT_EQ(quiet_of(point, state, false), QuietInterval::all());
    EXPECT_TRUE(is_none(quiet_of(point, state, true))) << "the next reading ends it";
    point = level_point(Level::lo, 7.0, 0.0);
    point.of_inventory = true;
    EXPECT_EQ(quiet_of(point, state, false), QuietInterval::all());
    InventoryEntry entry;
    entry.limits.lo = 9.0;
    EXPECT_EQ(quiet_interval(point, &entry, state, false), (QuietInterval{9.0, infinity}));
    EXPECT_TRUE(is_none(quiet_of(level_point(Level::hi, infinity, 0.0), state, true)));
    EXPECT_TRUE(is_none(quiet_of(level_point(Level::lo, -infinity, 0.0), state, true)));
}

TEST(QuietInterval, OfAMeansLimitIsOnlyWhereTheMeanIs) {
    SensorState state = heard(50.0);
    state.last = 200.0;
    for (const Figure figure : {Figure::mean, Figure::average}) {
        const AlarmPoint hi = level_point(Level::hi, 120.0, 5.0, figure);
        const QuietInterval quiet = quiet_of(hi, state, false);
        EXPECT_EQ(quiet.low, -infinity);
        EXPECT_NEAR(quiet.high, 120.0, 1e-6);
        EXPECT_TRUE(is_none(quiet_of(hi, state, true)));
    }
}

TEST(QuietInterval, OfAJumpIsWhereNoValueIsOneFromAnother) {
    const auto near = [](const QuietInterval& is, double low, double high) {
        EXPECT_NEAR(is.low, low, 1e-9);
        EXPECT_NEAR(is.high, high, 1e-9);
    };
    for (const Reference against : {Reference::previous, Reference::mean}) {
        near(quiet_of(jump_point(1.5, 0.0, against), heard(100.0), false), 80.0, 120.0);
        near(quiet_of(jump_point(1.5, 0.0, against), heard(-100.0), false), -120.0, -80.0);
        near(quiet_of(jump_point(1.5, 60.0, against), heard(100.0), false), 70.0, 130.0);
        near(quiet_of(jump_point(1.5, 10.0, against), heard(0.0), false), -5.0, 5.0);
        EXPECT_TRUE(is_none(quiet_of(jump_point(1.5, 9.0, against), heard(100.0), true)));
    }
    EXPECT_EQ(quiet_of(jump_point(3.0, 0.0, Reference::previous), heard(0.0), false),
              (QuietInterval{0.0, 0.0}));
    EXPECT_EQ(quiet_of(jump_point(1.0, 0.0, Reference::previous), heard(7.0), false),
              (QuietInterval{7.0, 7.0}));
    EXPECT_EQ(quiet_of(jump_point(1.5, infinity, Reference::previous), heard(7.0), false),
              (QuietInterval{-greatest, greatest}));
}

TEST(QuietInterval, OfKindsThatAreJudgedElsewhereIsTheWholeLine) {
    const SensorState state = heard(1.0);
    for (const bool held : {false, true}) {
        for (const RuleKind kind : {RuleKind::flatline, RuleKind::absence, RuleKind::group}) {
            EXPECT_EQ(quiet_of(point_of(kind), state, held), QuietInterval::all());
        }
        EXPECT_EQ(quiet_of(point_of(RuleKind::limits, Figure::window_mean), state, held),
                  QuietInterval::all());
        EXPECT_EQ(quiet_of(point_of(RuleKind::jump, Figure::window_p99), state, held),
                  QuietInterval::all());
    }
    AlarmPoint quality = point_of(RuleKind::quality);
    quality.least = -40.0;
    quality.greatest = infinity;
    EXPECT_EQ(quiet_of(quality, state, false), (QuietInterval{-40.0, infinity}));
    EXPECT_TRUE(is_none(quiet_of(quality, state, true)));
    for (const RuleKind kind : {RuleKind::rate, RuleKind::deviation}) {
        EXPECT_EQ(quiet_of(point_of(kind), state, false), QuietInterval::all());
        EXPECT_TRUE(is_none(quiet_of(point_of(kind), state, true)));
    }
}

TEST(QuietInterval, IsNoneBeforeTheFirstReading) {
    for (const RuleKind kind : {RuleKind::limits, RuleKind::jump, RuleKind::absence}) {
        EXPECT_TRUE(is_none(quiet_of(point_of(kind), SensorState{}, false)));
    }
}

TEST(QuietInterval, OfTwoPointsIsWhatTheyShare) {
    const QuietInterval some = {1.0, 3.0};
    EXPECT_EQ((some & QuietInterval{2.0, 5.0}), (QuietInterval{2.0, 3.0}));
    EXPECT_EQ((some & QuietInterval::all()), some);
    EXPECT_TRUE(is_none(some & QuietInterval{4.0, 5.0}));
    EXPECT_TRUE(is_none(some & QuietInterval::none()));
}

TEST(SetQuiet, RoundsInwards) {
    for (const double bound : {0.1, 1.0 / 3.0, 1e-50, denormal, 1e30, 16'777'217.0}) {
        for (const QuietInterval& interval :
             {QuietInterval{bound, 2.0 * bound + 1e-40}, QuietInterval{-bound, bound}}) {
            const QuietInterval set = after_set_quiet(interval);
            EXPECT_GE(set.low, interval.low);
            EXPECT_LE(set.high, interval.high);
            const auto low = static_cast<float>(set.low);
            const auto high = static_cast<float>(set.high);
            const float far = std::numeric_limits<float>::infinity();
            EXPECT_LT(static_cast<double>(std::nextafter(low, -far)), interval.low) << "the next";
            EXPECT_GT(static_cast<double>(std::nextafter(high, far)), interval.high);
        }
    }
    EXPECT_EQ(after_set_quiet({-1.5, 0.25}), (QuietInterval{-1.5, 0.25}));
    EXPECT_TRUE(is_none(after_set_quiet({0.1, 0.1}))) << "no float is in it";
}

TEST(SetQuiet, IsFiniteSoThatInfinityAndNoNumberAreNeverQuiet) {
    const QuietInterval whole = {-greatest_float, greatest_float};
    EXPECT_EQ(after_set_quiet(QuietInterval::all()), whole);
    EXPECT_EQ(after_set_quiet({-greatest, greatest}), whole);
    EXPECT_FALSE(whole.has(infinity) || whole.has(-infinity) || whole.has(nan));
    const std::vector<QuietInterval> without_floats = {QuietInterval::none(),
                                                       {2.0, 1.0},
                                                       {1e39, 1e40},
                                                       {-1e40, -1e39},
                                                       {infinity, infinity},
                                                       {nan, nan}};
    for (const QuietInterval& interval : without_floats) {
        EXPECT_TRUE(is_none(after_set_quiet(interval)));
    }
    EXPECT_EQ(after_set_quiet({1.0, 1e39}), (QuietInterval{1.0, greatest_float}));
}

// Random points, states and values within their intervals, most of all at the bounds.
class QuietWalk {
  public:
    explicit QuietWalk(std::uint64_t seed) : random_(seed) {}

    std::size_t pick(std::size_t many) { return random_() % many; }

    template <class T, std::size_t N>
    T one_of(const std::array<T, N>& of) {
        return of[pick(N)];
    }

    double around(double centre, double size) {
        return centre + size * (static_cast<double>(pick(41)) - 20.0) / 10.0;
    }

    double weight() { return one_of(std::array{1e-6, 0.01, 0.1, 0.5, 0.9, 1.0}); }

    AlarmPoint point(double scale) {
        const auto figure = one_of(std::array{Figure::value, Figure::mean, Figure::average});
        if (pick(2) == 0) {
            const auto level = one_of(std::array{Level::hihi, Level::hi, Level::lo, Level::lolo});
            return level_point(
                level, around(0.0, scale), static_cast<double>(pick(3)) * scale / 4.0, figure);
        }
        const auto against =
            one_of(std::array{Reference::previous, Reference::mean, Reference::average});
        const double ratio = one_of(std::array{1.0, 1.0 + 1e-9, 1.1, 1.5, 2.0, 3.0, 50.0, 1e30});
        const double absolute = one_of(std::array{0.0, 1e-9, 0.1, 1.0, 10.0}) * scale;
        AlarmPoint jump = jump_point(ratio, absolute, against, figure);
        jump.direction =
            one_of(std::array{Direction::either, Direction::rising, Direction::falling});
        return jump;
    }

    double value_in(const QuietInterval& interval, const SensorState& state, double scale) {
        const double low = std::max(interval.low, -1e306);
        const double high = std::min(interval.high, 1e306);
        switch (pick(7)) {
            case 0:
                return low;
            case 1:
                return high;
            case 2:
                return std::clamp(0.0, low, high);
            case 3:
                return std::clamp(state.average, low, high);
            case 4:
                return std::clamp(std::nextafter(state.last, high), low, high);
            case 5:
                return std::clamp(around(state.mean, scale), low, high);
            default:
                return std::clamp(
                    std::lerp(low, high, std::ldexp(static_cast<double>(random_()), -64)),
                    low,
                    high);
        }
    }

  private:
    std::mt19937_64 random_;
};

TEST(QuietProperty, ConditionsStayWhateverComesWithinTheInterval) {
    QuietWalk walk(23);
    std::array<int, 2> walked{};  // by whether the condition held
    for (int run = 0; run < 30'000; ++run) {
        const double scale = walk.one_of(std::array{1.0, 100.0, 1e-7, 40 * denormal, 1e300});
        const EwmaWeights weights(walk.weight());
        const AlarmPoint point = walk.point(scale);
        SensorState state = heard(walk.around(0.0, scale));
        bool held = judge_reading(point, nullptr, SensorState{}, state, false).fulfilled;
        for (std::size_t i = walk.pick(6); i != 0; --i) {
            const SensorState before = state;
            state.add(walk.around(0.0, scale), 1, weights);
            held = judge_reading(point, nullptr, before, state, held).fulfilled;
        }
        QuietInterval quiet = quiet_of(point, state, held, weights.of_new);
        if (walk.pick(4) == 0) {
            quiet = after_set_quiet(quiet);
        }
        if (is_none(quiet)) {
            continue;
        }
        ++walked[held ? 1 : 0];
        for (int step = 0; step < 100; ++step) {
            const SensorState before = state;
            const double value = walk.value_in(quiet, state, scale);
            state.add(value, 1, weights);
            ASSERT_EQ(judge_reading(point, nullptr, before, state, held).fulfilled, held)
                << "run " << run << " step " << step << " value " << value << " in " << quiet.low
                << ", " << quiet.high << " kind " << static_cast<int>(point.kind) << " of "
                << static_cast<int>(point.of) << " against " << static_cast<int>(point.against)
                << " weight " << weights.of_new;
        }
    }
    EXPECT_GT(walked[0], 10'000);
    EXPECT_GT(walked[1], 2'000);
}

// The average of a constant may creep past it: the slack in quiet.cpp is for this.
TEST(QuietProperty, AnAverageThatCreepsStaysWithinItsLimit) {
    for (const double weight : {1e-6, 1e-3, 0.1, 0.3}) {
        const EwmaWeights weights(weight);
        for (const double limit : {100.1, 0.3, -7.7}) {
            const AlarmPoint point = level_point(Level::hi, limit, 0.0, Figure::average);
            SensorState state = heard(limit - std::abs(limit) * 2e-9);
            const double high = quiet_of(point, state, false, weight).high;
            for (int i = 0; i < 300'000; ++i) {
                state.add(high, 1, weights);
                ASSERT_LE(state.average, limit);
            }
        }
    }
}

TEST(QuietProperty, AnAverageComesHomeFromASpikeInQuiet) {
    constexpr double weight = 0.1;
    const AlarmPoint point = jump_point(1.5, 0.0, Reference::previous, Figure::average);
    SensorState state = heard(100.0);
    state.add(1000.0, 1, weight);  // a jump to 190
    state.add(100.0, 1, weight);
    EXPECT_TRUE(quiet_of(point, state, false, weight).has(100.0));
    EXPECT_FALSE(quiet_of(point, state, false, 1.0).has(100.0));
    EXPECT_FALSE(quiet_of(point, state, false, weight).has(1200.0));
}

TEST(QuietProperty, UsualReadingsAreQuiet) {
    std::vector<AlarmPoint> points = {level_point(Level::hi, 120.0, 5.0)};
    for (const Reference against : {Reference::previous, Reference::mean, Reference::average}) {
        points.push_back(jump_point(1.5, 0.0, against));
    }
    points.push_back(jump_point(1.5, 0.0, Reference::previous, Figure::mean));
    points.push_back(jump_point(1.5, 0.0, Reference::previous, Figure::average));
    std::mt19937_64 random(24);
    std::uniform_real_distribution<double> load(95.0, 105.0);
    constexpr int readings = 100'000;
    int quiet = 0;
    SensorState state{};
    for (int i = 0; i < readings; ++i) {
        const double value = load(random);
        const QuietInterval now = {static_cast<double>(state.quiet_low),
                                   static_cast<double>(state.quiet_high)};
        const bool is_quiet = state.count() != 0 && now.has(value);
        state.count() == 0 ? state.begin(value, 1) : state.add(value, 1, 0.1);
        if (is_quiet) {
            ++quiet;
            continue;
        }
        QuietInterval next = QuietInterval::all();
        for (const AlarmPoint& point : points) {
            next = next & quiet_of(point, state, false);
        }
        set_quiet(state, next);
    }
    RecordProperty("quiet", quiet);
    EXPECT_GE(quiet, readings * 95 / 100);
}

}  // namespace
}  // namespace roda::appliance
