// SPDX-License-Identifier: Apache-2.0
// expect: latency(): the timed operator does not accept the record type produced before it
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

roda::LatencyHistogram histogram;

auto bound = roda::pipe(roda::map(&roda::Reading::value),
                        roda::latency(histogram, {}, roda::map(&roda::Reading::sensor_id)))
                 .bind<roda::Reading>();
