// SPDX-License-Identifier: Apache-2.0
// expect: expire_after(): stands in keyed_by()
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound = roda::pipe(roda::expire_after(100, &roda::Reading::sensor_id)).bind<roda::Reading>();
