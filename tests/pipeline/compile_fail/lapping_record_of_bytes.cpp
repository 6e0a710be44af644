// SPDX-License-Identifier: Apache-2.0
// expect: made of whole 64-bit words
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

roda::Journal<std::uint32_t, roda::FullPolicy::lap> journal({.capacity_records = 8});
