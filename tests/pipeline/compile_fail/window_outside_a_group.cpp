// SPDX-License-Identifier: Apache-2.0
// expect: window(): stands in keyed_by()
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound =
    roda::pipe(roda::window<1>({.width_ns = 1}, &roda::Reading::sensor_id, roda::init, roda::fold))
        .bind<roda::Reading>();
