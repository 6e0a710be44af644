// SPDX-License-Identifier: Apache-2.0
// expect: keyed_by(): name at least one operator
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto spec = roda::keyed_by({.max_keys = 1}, &roda::Reading::sensor_id);
