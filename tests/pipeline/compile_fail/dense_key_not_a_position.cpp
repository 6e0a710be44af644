// SPDX-License-Identifier: Apache-2.0
// expect: keyed_by(): with DenseKeys a key is an unsigned integer: it is a position
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound = roda::pipe(roda::keyed_by(
                            roda::DenseKeys{.keys = 1},
                            [](const roda::Reading&) { return -1; },
                            roda::stateful(roda::init, roda::fold)))
                 .bind<roda::Reading>();
