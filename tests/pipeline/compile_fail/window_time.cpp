// SPDX-License-Identifier: Apache-2.0
// expect: window(): the time of an item is nanoseconds in a std::uint64_t
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound =
    roda::pipe(roda::keyed_by(
                   {.max_keys = 1},
                   &roda::Reading::sensor_id,
                   roda::window<1>({.width_ns = 1}, &roda::Reading::value, roda::init, roda::fold)))
        .bind<roda::Reading>();
