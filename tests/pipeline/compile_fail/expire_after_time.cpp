// SPDX-License-Identifier: Apache-2.0
// expect: expire_after(): the time of an item is nanoseconds in a std::uint64_t
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound = roda::pipe(roda::keyed_by({.max_keys = 1},
                                       &roda::Reading::sensor_id,
                                       roda::expire_after(100, &roda::Reading::value)))
                 .bind<roda::Reading>();
