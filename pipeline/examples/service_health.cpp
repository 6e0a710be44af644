// SPDX-License-Identifier: Apache-2.0
// Service health: response times to windows to "this service became slower", two stages on two
// threads. Noise is what repeats; a window that arrives late is still counted; an alert is not
// repeated while the service stays slow.
#include <cmath>
#include <cstdio>

#include "pipeline/examples/arguments.hpp"
#include "pipeline/roda.hpp"

namespace roda::examples {
namespace {

constexpr std::uint64_t services = 200;
constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t gap_ns = 10'000'000;  // between two responses of a service

struct Response {
    std::uint64_t service_id;
    double milliseconds;
    std::uint64_t timestamp_ns;
};

struct Health {
    std::uint64_t service_id;
    double sum;

    static Health first(const Response& r) { return {r.service_id, r.milliseconds}; }

    static void fold(Health& h, const Response& r) { h.sum += r.milliseconds; }
};

using HealthWindow = Window<Health>;

double mean(const HealthWindow& window) {
    return window.state.sum / static_cast<double>(window.count);
}

struct Alert {
    std::uint64_t service_id;
    std::uint64_t window_start_ns;
    std::uint64_t slow;
    double mean_before;
    double mean_now;
};

auto windows_of_responses() {
    auto service = [](const Response& r) { return r.service_id; };
    auto time = [](const Response& r) { return r.timestamp_ns; };
    return pipe(filter([](const Response& r) { return std::isfinite(r.milliseconds); }),
                keyed_by({.max_keys = services},
                         service,
                         window<2>({.width_ns = second_ns, .lateness_ns = second_ns},
                                   time,
                                   &Health::first,
                                   &Health::fold)));
}

/// Slow: the window's mean is one and a half times that of the window before.
auto alerts_of_windows() {
    auto service = [](const HealthWindow& w) { return w.state.service_id; };
    auto judge = [](const HealthWindow& now, const double* before) {
        const double mean_before = before == nullptr ? mean(now) : *before;
        const bool slow = mean(now) > mean_before * 1.5;
        return Alert{now.state.service_id, now.start_ns, slow ? 1u : 0u, mean_before, mean(now)};
    };
    return pipe(keyed_by({.max_keys = services},
                         service,
                         delta([](const HealthWindow& w) { return mean(w); }, judge),
                         dedup_by([](const Alert& alert) { return alert.slow; })),
                filter([](const Alert& alert) { return alert.slow != 0; }));
}

/// 20 ms each; service 7 takes 80 ms from its 10th second on. Every 50th comes half a second late.
Response response(std::uint64_t at) {
    const std::uint64_t service = at % services;
    const std::uint64_t turn = at / services;
    const std::uint64_t late_ns = turn % 50 == 49 ? second_ns / 2 : 0;
    const std::uint64_t timestamp_ns = second_ns + turn * gap_ns - late_ns;
    const bool slow = service == 7 && timestamp_ns >= 11 * second_ns;
    return {service, slow ? 80.0 : 20.0, timestamp_ns};
}

int run(const Arguments& arguments) {
    auto engine = roda::engine<Response>({.journal_records = 65'536})
                      .stage({.name = "windows", .core = arguments.core(0)}, windows_of_responses())
                      .stage({.name = "alerts", .core = arguments.core(1)}, alerts_of_windows())
                      .build();
    engine->run();
    std::uint64_t alerts = 0;
    const auto print = [&alerts](const Alert& alert) {
        ++alerts;
        std::printf("service %lu became slow at second %lu: %.0f ms -> %.0f ms\n",
                    alert.service_id,
                    alert.window_start_ns / second_ns,
                    alert.mean_before,
                    alert.mean_now);
    };
    for (std::uint64_t i = 0; i < arguments.count; ++i) {
        engine->send(response(i));
        while (const auto alert = engine->try_receive()) {
            print(*alert);
        }
    }
    engine->stop();
    while (const auto alert = engine->try_receive()) {
        print(*alert);
    }
    std::printf("%lu responses, %lu alerts\n", arguments.count, alerts);
    return engine->failure().empty() ? 0 : 1;
}

}  // namespace
}  // namespace roda::examples

int main(int argc, char** argv) {
    return roda::examples::run(roda::examples::Arguments::parse(argc, argv, 1'000'000));
}
