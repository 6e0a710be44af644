// SPDX-License-Identifier: Apache-2.0
// expect: fan_out(): each sink is called as sink(const Output&, cause)
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound = roda::pipe(roda::map(&roda::Reading::value)).bind<roda::Reading>();

void run() {
    bound.run({}, 0, roda::fan_out([](double, roda::Cause) {}, [](double) {}));
}
