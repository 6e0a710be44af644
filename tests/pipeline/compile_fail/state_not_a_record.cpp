// SPDX-License-Identifier: Apache-2.0
// expect: stateful(): the state is a Pod
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

#include <string>

auto bound = roda::pipe(roda::stateful(
                            {.max_keys = 1},
                            &roda::Reading::sensor_id,
                            [](const roda::Reading&) { return std::string(); },
                            [](std::string&, const roda::Reading&) {}))
                 .bind<roda::Reading>();
