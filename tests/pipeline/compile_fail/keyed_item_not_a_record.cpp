// SPDX-License-Identifier: Apache-2.0
// expect: keyed_by(): behind another operator an item is a Pod: it is copied
#include <string>

#include "pipeline/op/map.hpp"
#include "pipeline/op/pipe.hpp"
#include "pipeline/op/stateful.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

struct Named {
    std::uint64_t id;
    std::string name;
};

void run(std::span<const roda::Reading> readings) {
    const auto name = [](const roda::Reading& r) { return Named{r.sensor_id, {}}; };
    auto bound = roda::pipe(roda::map(name),
                            roda::stateful({.max_keys = 8},
                                           &Named::id,
                                           [](const Named&) { return 1; },
                                           [](int& count, const Named&) { ++count; }))
                     .bind<roda::Reading>();
    bound.run(readings, 0, [](int, roda::Cause) {});
}
