// SPDX-License-Identifier: Apache-2.0
// expect: dedup_by(): the compared record needs operator==
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

// A double has two zeros and many NaNs: its bytes are no equality.
auto bound =
    roda::pipe(roda::dedup_by({.max_keys = 1}, &roda::Reading::sensor_id)).bind<roda::Reading>();

void run() {
    bound.run({}, 0, [](const roda::Reading&, roda::Cause) {});
}
