// SPDX-License-Identifier: Apache-2.0
// Conditions at their boundaries, and against the obvious formulas on numbers that have no
// rounding.
#include "appliance/alerting/condition.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace roda::appliance {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double greatest = std::numeric_limits<double>::max();
constexpr double denormal = std::numeric_limits<double>::denorm_min();
constexpr std::uint64_t second_ns = 1'000'000'000;

AlarmPoint level_point(Level level, double limit, double deadband = 0.0) {
    AlarmPoint point;
    point.kind = RuleKind::limits;
    point.level = level;
    point.limit = limit;
    point.deadband = deadband;
    return point;
}

AlarmPoint rate_point(double per_second, Direction direction = Direction::either) {
    AlarmPoint point;
    point.kind = RuleKind::rate;
    point.limit = per_second;
    point.direction = direction;
    return point;
}

AlarmPoint jump_point(double ratio, double absolute = 0.0) {
    AlarmPoint point;
    point.kind = RuleKind::jump;
    point.margin = ratio - 1.0;
    point.absolute = absolute;
    return point;
}

AlarmPoint deviation_point(double sigmas, std::uint32_t min_readings) {
    AlarmPoint point;
    point.kind = RuleKind::deviation;
    point.limit = sigmas;
    point.min_readings = min_readings;
    return point;
}

SensorState heard(double value, std::uint64_t at_ns = second_ns) {
    SensorState state{};
    state.begin(value, at_ns);
    return state;
}

SensorState then(SensorState state, double value, std::uint64_t at_ns = 2 * second_ns) {
    state.add(value, at_ns, 0.5);
    return state;
}

Verdict judge(const AlarmPoint& point,
              const SensorState& before,
              const SensorState& after,
              bool held = false) {
    return judge_reading(point, nullptr, before, after, held);
}

// Equal as records are: NaN is NaN.
void expect_verdict(const Verdict& is, const Verdict& should_be) {
    const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
    EXPECT_EQ(is.fulfilled, should_be.fulfilled);
    EXPECT_TRUE(same(is.value, should_be.value)) << is.value << " for " << should_be.value;
    EXPECT_TRUE(same(is.reference, should_be.reference)) << is.reference;
    EXPECT_TRUE(same(is.limit, should_be.limit)) << is.limit;
}

bool limits_hold(Level level, double limit, double deadband, double figure, bool held) {
    return judge_limit(level_point(level, limit, deadband), nullptr, figure, held).fulfilled;
}

bool jumps(double ratio, double absolute, double figure, double reference) {
    return judge_jump(jump_point(ratio, absolute), figure, reference).fulfilled;
}

TEST(Limits, AFigureEqualToTheLimitIsWithinIt) {
    for (const double limit : {-5.0, 0.0, denormal, 1e308, greatest}) {
        for (const Level level : {Level::hihi, Level::hi, Level::lo, Level::lolo}) {
            const double beyond = std::nextafter(limit, is_high(level) ? infinity : -infinity);
            EXPECT_FALSE(limits_hold(level, limit, 0.0, limit, false));
            EXPECT_TRUE(limits_hold(level, limit, 0.0, beyond, false));
            EXPECT_FALSE(limits_hold(level, limit, 0.0, limit, true)) << "without a deadband";
            EXPECT_TRUE(limits_hold(level, limit, 0.0, beyond, true));
        }
    }
}

TEST(Limits, AHeldOneClearsAtTheEdgeOfItsDeadband) {
    EXPECT_TRUE(limits_hold(Level::hi, 120.0, 5.0, std::nextafter(115.0, 120.0), true));
    EXPECT_FALSE(limits_hold(Level::hi, 120.0, 5.0, 115.0, true));
    EXPECT_FALSE(limits_hold(Level::hi, 120.0, 5.0, 118.0, false));
    EXPECT_TRUE(limits_hold(Level::lolo, -10.0, 2.0, std::nextafter(-8.0, -10.0), true));
    EXPECT_FALSE(limits_hold(Level::lolo, -10.0, 2.0, -8.0, true));
    EXPECT_FALSE(limits_hold(Level::lolo, -10.0, 2.0, -9.0, false));
}

TEST(Limits, NoFigureIsBeyondNoLimitAndNoNumberIsBeyondAny) {
    for (const Level level : {Level::hi, Level::lo}) {
        for (const bool held : {false, true}) {
            for (const double figure : {-infinity, -1.0, 0.0, greatest, infinity, nan}) {
                EXPECT_FALSE(limits_hold(level, nan, 1.0, figure, held)) << figure;
            }
            EXPECT_FALSE(limits_hold(level, 0.0, 0.0, nan, held));
        }
    }
    EXPECT_TRUE(limits_hold(Level::hi, greatest, 0.0, infinity, false));
    EXPECT_FALSE(limits_hold(Level::hi, infinity, 0.0, infinity, false));
    EXPECT_TRUE(limits_hold(Level::lo, -greatest, 0.0, -infinity, false));
}

TEST(Limits, TheInventoryGivesEachLevelItsOwnNumber) {
    InventoryEntry entry;
    entry.limits = {.hihi = 4.0, .hi = 3.0, .lo = 2.0, .lolo = nan};
    AlarmPoint point = level_point(Level::hihi, 99.0);
    EXPECT_EQ(limit_of(point, &entry), 99.0);
    point.of_inventory = true;
    EXPECT_EQ(limit_of(point, &entry), 4.0);
    EXPECT_TRUE(std::isnan(limit_of(point, nullptr)));
    point.level = Level::hi;
    EXPECT_EQ(limit_of(point, &entry), 3.0);
    expect_verdict(judge_limit(point, &entry, 3.5, false), {true, 3.5, 3.0, 3.0});
    point.level = Level::lo;
    EXPECT_EQ(limit_of(point, &entry), 2.0);
    point.level = Level::lolo;
    EXPECT_TRUE(std::isnan(limit_of(point, &entry)));
    EXPECT_FALSE(judge_limit(point, &entry, -1e9, true).fulfilled);
}

TEST(Limits, JudgeTheFirstReadingAndEveryFigureOfTheState) {
    AlarmPoint point = level_point(Level::hi, 10.0);
    expect_verdict(judge(point, SensorState{}, heard(11.0)), {true, 11.0, 10.0, 10.0});
    SensorState after = heard(0.0);
    after.last = 11.0;
    after.mean = 12.0;
    after.average = 13.0;
    EXPECT_EQ(judge(point, heard(0.0), after).value, 11.0);
    point.of = Figure::mean;
    EXPECT_EQ(judge(point, heard(0.0), after).value, 12.0);
    point.of = Figure::average;
    EXPECT_EQ(judge(point, heard(0.0), after).value, 13.0);
}

TEST(Rate, EqualToTheLimitIsWithinIt) {
    const SensorState before = heard(10.0);
    const AlarmPoint point = rate_point(2.0);
    const std::uint64_t later = second_ns + 3 * second_ns / 2;
    expect_verdict(judge(point, before, then(before, 13.0, later)), {false, 2.0, 10.0, 2.0});
    EXPECT_TRUE(judge(point, before, then(before, 13.0, later - 1)).fulfilled);
    expect_verdict(judge(point, before, then(before, 4.0, later)), {true, -4.0, 10.0, 2.0});
}

TEST(Rate, IsNoneWhereNoTimePassedOrNothingWasBefore) {
    const AlarmPoint point = rate_point(2.0);
    const SensorState before = heard(10.0);
    for (const bool held : {false, true}) {
        expect_verdict(judge(point, before, then(before, 90.0, second_ns), held),
                       {false, nan, 10.0, 2.0});
        expect_verdict(judge(point, before, then(before, 90.0, second_ns - 1), held),
                       {false, nan, 10.0, 2.0});
        expect_verdict(judge(point, SensorState{}, heard(90.0), held), {false, nan, nan, 2.0});
    }
    EXPECT_FALSE(is_judged(point, second_ns, second_ns));
    EXPECT_FALSE(is_judged(point, second_ns, second_ns - 1));
    EXPECT_TRUE(is_judged(point, second_ns, second_ns + 1));
    EXPECT_TRUE(is_judged(jump_point(2.0), second_ns, second_ns));
}

TEST(Rate, HasADirection) {
    const SensorState before = heard(10.0);
    const SensorState up = then(before, 20.0);
    const SensorState down = then(before, 0.0);
    EXPECT_TRUE(judge(rate_point(2.0, Direction::rising), before, up).fulfilled);
    EXPECT_FALSE(judge(rate_point(2.0, Direction::rising), before, down).fulfilled);
    EXPECT_FALSE(judge(rate_point(2.0, Direction::falling), before, up).fulfilled);
    EXPECT_TRUE(judge(rate_point(2.0, Direction::falling), before, down).fulfilled);
}

TEST(Rate, OfHugeValuesIsNoMatterOfOverflow) {
    const SensorState before = heard(-greatest);
    const SensorState after = then(before, greatest, 4 * second_ns);
    EXPECT_TRUE(judge(rate_point(greatest / 2.0), before, after).fulfilled) << "2/3 of it";
    EXPECT_FALSE(judge(rate_point(greatest / 1.25), before, after).fulfilled);
    EXPECT_FALSE(judge(rate_point(infinity), before, after).fulfilled);
}

TEST(Jump, EqualToTheRatioOrTheAmountIsWithinIt) {
    EXPECT_FALSE(jumps(1.5, 0.0, 150.0, 100.0));
    EXPECT_TRUE(jumps(1.5, 0.0, std::nextafter(150.0, 151.0), 100.0));
    EXPECT_FALSE(jumps(1.5, 0.0, 50.0, 100.0));
    EXPECT_TRUE(jumps(1.5, 0.0, std::nextafter(50.0, 49.0), 100.0));
    EXPECT_FALSE(jumps(1.5, 60.0, 160.0, 100.0)) << "the amount must be exceeded, too";
    EXPECT_TRUE(jumps(1.5, 60.0, 161.0, 100.0));
    EXPECT_FALSE(jumps(1.0, 0.0, 7.0, 7.0));
}

TEST(Jump, IsRightForZeroAndNegativeFigures) {
    EXPECT_TRUE(jumps(3.0, 0.0, denormal, 0.0)) << "from 0 any change is one";
    EXPECT_TRUE(jumps(3.0, 0.0, -denormal, -0.0));
    EXPECT_FALSE(jumps(3.0, 0.0, -0.0, 0.0));
    EXPECT_FALSE(jumps(3.0, 1.0, 1.0, 0.0));
    EXPECT_FALSE(jumps(3.0, 0.0, -300.0, -100.0));
    EXPECT_TRUE(jumps(3.0, 0.0, -301.0, -100.0));
    EXPECT_TRUE(jumps(3.0, 0.0, 101.0, -100.0));
    EXPECT_FALSE(jumps(3.0, 0.0, 3.0 * denormal, denormal));
    EXPECT_TRUE(jumps(3.0, 0.0, 4.0 * denormal, denormal));
}

TEST(Jump, OfHugeFiguresIsNoMatterOfOverflow) {
    EXPECT_TRUE(jumps(2.5, 0.0, -greatest, greatest)) << "2 of them, more than 1.5";
    EXPECT_FALSE(jumps(3.0, 0.0, -greatest, greatest)) << "equal to 2 of them";
    EXPECT_FALSE(jumps(4.0, 0.0, -greatest, greatest));
    EXPECT_TRUE(jumps(1.5, greatest, -greatest, greatest));
    EXPECT_FALSE(jumps(1e10, 0.0, 1e308, 1e300)) << "the ratio's bound overflows, the change not";
    EXPECT_TRUE(jumps(1e7, 0.0, 1e308, 1e300));
    EXPECT_FALSE(jumps(1.5, 0.0, nan, 1.0));
    EXPECT_FALSE(jumps(1.5, 0.0, 1.0, nan));
    EXPECT_TRUE(jumps(1.5, 0.0, infinity, 1.0));
}

TEST(Jump, IsMeasuredFromTheFigureThatItsRuleNames) {
    SensorState before = heard(1.0);
    before.mean = 2.0;
    before.average = 4.0;
    SensorState after = then(before, 100.0);
    after.mean = 200.0;
    after.average = 400.0;
    AlarmPoint point = jump_point(3.0);
    expect_verdict(judge(point, before, after), {true, 100.0, 1.0, 3.0});
    point.against = Reference::mean;
    expect_verdict(judge(point, before, after), {true, 100.0, 2.0, 3.0});
    point.against = Reference::average;
    expect_verdict(judge(point, before, after), {true, 100.0, 4.0, 3.0});
    point.against = Reference::previous;
    point.of = Figure::mean;
    expect_verdict(judge(point, before, after), {true, 200.0, 2.0, 3.0});
    point.of = Figure::average;
    expect_verdict(judge(point, before, after), {true, 400.0, 4.0, 3.0});
    point.direction = Direction::falling;
    EXPECT_FALSE(judge(point, before, after).fulfilled);
    expect_verdict(judge(point, SensorState{}, heard(9.0)), {false, 9.0, nan, 3.0});
}

TEST(Deviation, EqualToTheSigmasIsWithinThem) {
    SensorState before = heard(10.0);
    before.variance = 4.0F;
    const AlarmPoint point = deviation_point(3.0, 1);
    expect_verdict(judge(point, before, then(before, 16.0)), {false, 16.0, 10.0, 3.0});
    expect_verdict(judge(point, before, then(before, 3.9)), {true, 3.9, 10.0, 3.0});
    EXPECT_TRUE(judge(point, before, then(before, std::nextafter(16.0, 17.0))).fulfilled);
}

TEST(Deviation, WaitsForItsReadingsAndTakesADifferenceFromNoVarianceForOne) {
    const SensorState one = heard(0.0);
    const SensorState two = then(one, 0.0);
    const AlarmPoint point = deviation_point(4.0, 2);
    EXPECT_FALSE(judge(point, one, then(one, 5.0)).fulfilled);
    EXPECT_TRUE(judge(point, two, then(two, 5.0)).fulfilled);
    EXPECT_FALSE(judge(point, two, then(two, -denormal)).fulfilled) << "its square is 0";
    EXPECT_FALSE(judge(point, two, then(two, 0.0)).fulfilled);
    EXPECT_TRUE(judge(point, two, then(two, greatest)).fulfilled);
    expect_verdict(judge(deviation_point(4.0, 0), SensorState{}, heard(9.0)),
                   {false, 9.0, nan, 4.0});
}

TEST(Deviation, IsMoreThanRounding) {
    SensorState before = heard(1e6);
    before.variance = 1e-12F;
    const AlarmPoint point = deviation_point(4.0, 1);
    EXPECT_FALSE(judge(point, before, then(before, 1e6 + 0.999e-3)).fulfilled);
    EXPECT_TRUE(judge(point, before, then(before, 1e6 + 1.001e-3)).fulfilled);
    EXPECT_TRUE(judge(point, before, then(before, -1e6)).fulfilled);
    before.average = -1e6;
    EXPECT_FALSE(judge(point, before, then(before, -1e6 - 0.999e-3)).fulfilled);
}

TEST(Deviation, IsNoneWhereAFloatCannotSayTheVariance) {
    constexpr float most = std::numeric_limits<float>::max();
    constexpr float least = std::numeric_limits<float>::min();
    const AlarmPoint point = deviation_point(4.0, 1);
    SensorState before = heard(0.0);
    for (const float variance : {0.0F, least / 8.0F, least}) {
        before.variance = variance;
        const double bound = 4.0 * std::sqrt(static_cast<double>(least));
        EXPECT_FALSE(judge(point, before, then(before, 0.999 * bound)).fulfilled);
        EXPECT_TRUE(judge(point, before, then(before, 1.001 * bound)).fulfilled);
    }
    before.variance = most;
    EXPECT_FALSE(judge(point, before, then(before, greatest)).fulfilled);
    before.variance = most / 99.0F;
    EXPECT_FALSE(judge(point, before, then(before, 1e20)).fulfilled);
    before.variance = most / 101.0F;
    EXPECT_TRUE(judge(point, before, then(before, 1e20)).fulfilled);
}

TEST(Condition, OfAKindOrFigureThatNoReadingDecidesNeverHolds) {
    const SensorState before = heard(1.0);
    const SensorState after = then(before, 1e9);
    AlarmPoint point = jump_point(2.0);
    for (const RuleKind kind :
         {RuleKind::flatline, RuleKind::quality, RuleKind::absence, RuleKind::group}) {
        point.kind = kind;
        EXPECT_FALSE(judge(point, before, after, true).fulfilled);
    }
    for (AlarmPoint of_window : {level_point(Level::hi, 0.0), rate_point(1.0), jump_point(2.0)}) {
        of_window.of = Figure::window_mean;
        EXPECT_FALSE(judge(of_window, before, after, true).fulfilled);
    }
}

// Quarters: neither the formulas nor the code round anything, so equality is met often.
TEST(Condition, IsTheObviousFormulaOnRandomQuarters) {
    std::mt19937_64 random(20);
    const auto quarter = [&](int most) {
        return std::uniform_int_distribution<int>(-4 * most, 4 * most)(random) / 4.0;
    };
    int fulfilled = 0;
    for (int i = 0; i < 100'000; ++i) {
        const double from = quarter(4);
        const double to = quarter(8);
        const double ratio = 1.0 + std::abs(quarter(2));
        const double absolute = std::abs(quarter(2));
        const double change = std::abs(to - from);
        const bool jump = change > (ratio - 1.0) * std::abs(from) && change > absolute;
        ASSERT_EQ(jumps(ratio, absolute, to, from), jump) << from << ' ' << to << ' ' << ratio;

        const SensorState before = heard(from);
        const double quarter_seconds = 1.0 + std::abs(quarter(1));
        const auto passed_ns = static_cast<std::uint64_t>(quarter_seconds) * (second_ns / 4);
        const SensorState after = then(before, to, before.newest_ns + passed_ns);
        const double seconds = static_cast<double>(passed_ns) / 1e9;
        ASSERT_EQ(judge(rate_point(absolute), before, after).fulfilled,
                  change > absolute * seconds);

        const bool held = i % 2 == 0;
        ASSERT_EQ(limits_hold(Level::hi, from, absolute, to, held),
                  to > (held ? from - absolute : from));
        ASSERT_EQ(limits_hold(Level::lo, from, absolute, to, held),
                  to < (held ? from + absolute : from));
        fulfilled += jump ? 1 : 0;
    }
    EXPECT_GT(fulfilled, 10'000);
    EXPECT_LT(fulfilled, 90'000);
}

}  // namespace
}  // namespace roda::appliance
