// SPDX-License-Identifier: Apache-2.0
// expect: tee(): the side operator does not accept the record type produced before it
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound =
    roda::pipe(roda::map(&roda::Reading::value),
               roda::tee(roda::map(&roda::Reading::sensor_id), [](std::uint64_t, roda::Cause) {}))
        .bind<roda::Reading>();
