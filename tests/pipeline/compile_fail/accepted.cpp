// SPDX-License-Identifier: Apache-2.0
// Compiles: shows that the others fail for the reason they are here for.
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound =
    roda::pipe(roda::stateful({.max_keys = 1}, &roda::Reading::sensor_id, roda::init, roda::fold),
               roda::map([](double sum) { return sum; }))
        .bind<roda::Reading>();
