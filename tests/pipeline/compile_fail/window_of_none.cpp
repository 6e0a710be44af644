// SPDX-License-Identifier: Apache-2.0
// expect: window(): a key holds at least one window open
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto spec = roda::window<0>({.width_ns = 1}, &roda::Reading::sensor_id, roda::init, roda::fold);
