// SPDX-License-Identifier: Apache-2.0
// expect: tee(): the sink is called as sink(const Output&, cause)
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

// The output of the side pipe is a double.
auto bound =
    roda::pipe(roda::tee(roda::map(&roda::Reading::value), [](const roda::Reading&, roda::Cause) {
    })).bind<roda::Reading>();
