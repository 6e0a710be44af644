// SPDX-License-Identifier: Apache-2.0
// expect: keyed_by(): this operator does not accept the record type produced before it
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound = roda::pipe(roda::keyed_by({.max_keys = 1},
                                       &roda::Reading::sensor_id,
                                       roda::stateful(roda::init, roda::fold),
                                       roda::dedup_by(&roda::Reading::value)))
                 .bind<roda::Reading>();
