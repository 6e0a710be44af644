// SPDX-License-Identifier: Apache-2.0
// expect: track_prev(): the record is a Pod
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

#include <string>

auto bound = roda::pipe(roda::track_prev()).bind<std::string>();
