// SPDX-License-Identifier: Apache-2.0
// fan_out and tee: one output to several sinks, and one item through two pipes.
#include "pipeline/op/fan_out.hpp"

#include <gtest/gtest.h>
#include <string>

#include "pipeline/op/filter.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/stateful.hpp"
#include "pipeline/op/tee.hpp"
#include "tests/pipeline/op/run_pipe.hpp"

namespace roda {
namespace {

const std::vector<Reading> readings{{1, 10, 1}, {2, 20, 2}, {1, 30, 3}};

struct Counter {
    std::uint64_t outputs = 0;

    void operator()(const Reading&, Cause) { ++outputs; }
};

TEST(FanOut, HandsEachOutputToAllSinksInTheirOrder) {
    std::string order;
    auto bound = pipe(map(&Reading::sensor_id)).bind<Reading>();
    bound.run(readings,
              5,
              fan_out(
                  [&order](std::uint64_t id, Cause cause) {
                      order += "a" + std::to_string(id) + "/" + std::to_string(cause) + " ";
                  },
                  [&order](std::uint64_t id, Cause) { order += "b" + std::to_string(id) + " "; }));
    EXPECT_EQ(order, "a1/5 b1 a2/6 b2 a1/7 b1 ");
}

TEST(FanOut, SinkGivenByNameIsUsedWhereItIs) {
    Counter counter;
    std::uint64_t others = 0;
    auto bound = pipe(filter([](const Reading& r) { return r.value > 15; })).bind<Reading>();
    bound.run(readings, 0, fan_out(counter, [&others](const Reading&, Cause) { ++others; }));
    EXPECT_EQ(counter.outputs, 2u);
    EXPECT_EQ(others, 2u);
}

TEST(FanOut, Nests) {
    Counter a;
    Counter b;
    Counter c;
    auto bound = pipe().bind<Reading>();
    bound.run(readings, 0, fan_out(a, fan_out(b, fan_out(c)), Counter{}));
    EXPECT_EQ(a.outputs + b.outputs * 10 + c.outputs * 100, 333u);
}

constexpr auto init = [](const Reading& r) { return r.value; };
constexpr auto fold = [](double& sum, const Reading& r) { sum += r.value; };

auto keep(std::vector<Emission<double>>& kept) {
    return [&kept](double value, Cause cause) { kept.push_back({value, cause}); };
}

TEST(Tee, PassesItemsOnAndRunsThemThroughTheSidePipe) {
    std::vector<Emission<double>> side;
    const auto spec = pipe(
        tee(pipe(filter([](const Reading& r) { return r.sensor_id == 1; }), map(&Reading::value)),
            keep(side)),
        map(&Reading::timestamp_ns));
    EXPECT_EQ(run_pipe(spec, readings),
              (std::vector<Emission<std::uint64_t>>{{1, 0}, {2, 1}, {3, 2}}));
    EXPECT_EQ(side, (std::vector<Emission<double>>{{10, 0}, {30, 2}}));
}

TEST(Tee, SidePipeSeesAnItemFirst) {
    std::string order;
    const auto note = [&order](const char* where) {
        return [&order, where](const Reading&, Cause) { order += where; };
    };
    auto bound = pipe(tee(pipe(), note("side "))).bind<Reading>();
    bound.run(readings, 0, note("main "));
    EXPECT_EQ(order, "side main side main side main ");
}

TEST(Tee, SidePipeEndsItsBurstsWithTheMainOne) {
    std::vector<Emission<double>> side;
    auto bound = pipe(tee(stateful({.max_keys = 1}, &Reading::sensor_id, init, fold), keep(side)))
                     .bind<Reading>();
    run_bound(bound, readings, 2);
    EXPECT_EQ(side, (std::vector<Emission<double>>{{10, 0}, {40, 2}}));
    EXPECT_EQ(bound.counts().keys, 1u);
    EXPECT_EQ(bound.counts().refused, 1u);
    EXPECT_EQ(bound.counts().expired, 0u);
}

/// Hands out the time that it hears of.
template <class In>
struct Listener {
    using Output = std::uint64_t;

    template <class Next>
    void push(const In&, Cause, Next&&) {}

    template <class Next>
    void flush(Next&&) {}

    template <class Next>
    void advance_time(std::uint64_t now_ns, Cause cause, Next&& next) {
        next(now_ns, cause);
    }
};

struct ListenerSpec {
    template <class In>
    Listener<In> bind() const {
        return {};
    }
};

TEST(Tee, SidePipeHearsOfTime) {
    std::vector<Emission<std::uint64_t>> side;
    const auto keep_time = [&side](std::uint64_t now_ns, Cause cause) {
        side.push_back({now_ns, cause});
    };
    auto bound = pipe(tee(ListenerSpec{}, keep_time),
                      tee(pipe(tee(ListenerSpec{}, keep_time)), [](const Reading&, Cause) {}))
                     .bind<Reading>();
    bound.advance_time(70, 8, [](const Reading&, Cause) { FAIL() << "nothing on the main way"; });
    EXPECT_EQ(side, (std::vector<Emission<std::uint64_t>>{{70, 8}, {70, 8}}));
}

TEST(Tee, NestsAndTakesAFanOut) {
    std::vector<Emission<double>> inner;
    std::vector<Emission<double>> first;
    std::vector<Emission<double>> second;
    const auto spec = tee(pipe(tee(map(&Reading::value), keep(inner)),
                               map([](const Reading& r) { return r.value * 2; })),
                          fan_out(keep(first), keep(second)));
    run_pipe(spec, readings);
    EXPECT_EQ(inner, (std::vector<Emission<double>>{{10, 0}, {20, 1}, {30, 2}}));
    EXPECT_EQ(first, (std::vector<Emission<double>>{{20, 0}, {40, 1}, {60, 2}}));
    EXPECT_EQ(second, first);
}

}  // namespace
}  // namespace roda
