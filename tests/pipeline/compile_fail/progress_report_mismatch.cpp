// SPDX-License-Identifier: Apache-2.0
// expect: progress(): the report is called as report(const Progress&)
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

auto bound =
    roda::pipe(roda::progress({.every_records = 1}, [](std::uint64_t) {})).bind<roda::Reading>();
