// SPDX-License-Identifier: Apache-2.0
// expect: keyed_by(): a key is plain bytes without padding (an integer, or a struct of them)
#include "pipeline/roda.hpp"
#include "tests/pipeline/compile_fail/readings.hpp"

struct PaddedKey {
    std::uint8_t kind;
    std::uint64_t sensor_id;
};

auto bound = roda::pipe(roda::keyed_by(
                            {.max_keys = 1},
                            [](const roda::Reading& r) {
                                return PaddedKey{1, r.sensor_id};
                            },
                            roda::stateful(roda::init, roda::fold)))
                 .bind<roda::Reading>();
