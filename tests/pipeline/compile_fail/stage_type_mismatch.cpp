// SPDX-License-Identifier: Apache-2.0
// expect: stage(): this pipe does not accept the record type produced before it
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto engine = roda::engine<roda::Reading>()
                  .stage({.name = "first"}, roda::map(&roda::Reading::value))
                  .stage({.name = "second"}, roda::map(&roda::Reading::sensor_id))
                  .build();
