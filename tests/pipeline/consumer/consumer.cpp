// SPDX-License-Identifier: Apache-2.0
// A program of somebody else, built against the installed engine: the example of the README, whole.
#include <pipeline/roda.hpp>

#include <cstdio>

namespace {

struct Reading {
    std::uint64_t sensor_id;
    double value;
};

struct Summary {
    std::uint64_t sensor_id;
    double sum;
    std::uint64_t count;

    double mean() const { return sum / static_cast<double>(count); }
};

struct Alert {
    std::uint64_t sensor_id;
    std::uint64_t severity;

    friend bool operator==(const Alert&, const Alert&) = default;
};

}  // namespace

int main() {
    using roda::dedup_by;
    using roda::delta;
    using roda::pipe;
    using roda::stateful;

    const auto init = [](const Reading& r) { return Summary{r.sensor_id, r.value, 1}; };
    const auto fold = [](Summary& s, const Reading& r) {
        s.sum += r.value;
        ++s.count;
    };
    const auto logic = [](const Summary& now, const Summary* before) -> std::optional<Alert> {
        if (before == nullptr || now.mean() <= before->mean() * 1.5) {
            return std::nullopt;
        }
        return Alert{now.sensor_id, 1};
    };

    auto alerts = roda::engine<Reading>({.journal_records = 1'024})
                      .stage({.name = "aggregate"},
                             pipe(stateful({.max_keys = 64}, &Reading::sensor_id, init, fold)))
                      .stage({.name = "detect"},
                             pipe(delta({.max_keys = 64}, &Summary::sensor_id, logic),
                                  dedup_by({.max_keys = 64}, &Alert::sensor_id)))
                      .build();
    alerts->run();
    for (const double value : {10.0, 100.0, 100.0}) {
        alerts->send({7, value});
    }
    const std::optional<Alert> first = alerts->receive();
    alerts->stop();
    std::printf("sensor %lu, then %s\n",
                first ? first->sensor_id : 0,
                alerts->try_receive() ? "another" : "none");
    return first && first->sensor_id == 7 ? 0 : 1;
}
