// SPDX-License-Identifier: Apache-2.0
// expect: fan_out(): name at least one sink
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto sink = roda::fan_out();
