// SPDX-License-Identifier: Apache-2.0
// What the journal's benchmarks write and read: the same readings again and again, a sum of them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/sensor_load.hpp"
#include "pipeline/store/journal.hpp"
#include "proto/records.hpp"

namespace roda::bench {

using proto::Reading;
using WaitJournal = Journal<Reading, FullPolicy::wait>;
using StopJournal = Journal<Reading, FullPolicy::stop>;

inline constexpr std::uint32_t ring_records =
    262'144;  // 6 MB: the size for hand-over between cores
inline constexpr std::uint32_t chunk_records = 4096;

inline const std::vector<Reading>& chunk() {
    static const std::vector<Reading> readings = [] {
        SensorLoad load(1000, Ids::dense);
        std::vector<Reading> made(chunk_records);
        std::ranges::generate(made, [&load] { return load.next(); });
        return made;
    }();
    return readings;
}

/// Cheap, and looks at every byte.
struct Sum {
    std::uint64_t records = 0;
    std::uint64_t words = 0;

    void add(const Reading& reading) noexcept {
        ++records;
        words +=
            reading.sensor_id + std::bit_cast<std::uint64_t>(reading.value) + reading.timestamp_ns;
    }

    std::uint64_t value() const noexcept { return words ^ records; }
};

/// The chunk into the journal, `batch` records a publication; 0: append() for each.
inline void write_chunk(WaitJournal& journal, std::uint32_t batch) {
    if (batch == 0) {
        for (const Reading& reading : chunk()) {
            journal.append(reading);
        }
        return;
    }
    for (std::uint32_t at = 0; at < chunk_records; at += batch) {
        std::span<Reading> room = journal.claim(batch);
        while (room.empty()) {
            __builtin_ia32_pause();
            room = journal.claim(batch);
        }
        std::copy_n(chunk().begin() + at, batch, room.begin());
        journal.publish(batch);
    }
}

}  // namespace roda::bench
