// SPDX-License-Identifier: Apache-2.0
// expect: window(): the state is a Pod
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

#include <string>

auto bound = roda::pipe(roda::keyed_by({.max_keys = 1},
                                       &roda::Reading::sensor_id,
                                       roda::window<1>(
                                           {.width_ns = 1},
                                           &roda::Reading::sensor_id,
                                           [](const roda::Reading&) { return std::string(); },
                                           [](std::string&, const roda::Reading&) {})))
                 .bind<roda::Reading>();
