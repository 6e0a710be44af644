// SPDX-License-Identifier: Apache-2.0
// One record per datagram, beside the readings: where they came from and when.
#pragma once

#include <cstdint>
#include <type_traits>

#include "pipeline/store/journal.hpp"
#include "proto/frame.hpp"
#include "proto/records.hpp"

namespace roda::appliance {

struct DatagramOrigin {
    std::uint64_t device_id;
    std::uint64_t receive_ns;  // Unix time
    proto::IpAddress source;
};

/// The origin of `readings` readings from `first_sequence` on, so that none of them has to carry
/// it.
struct Arrival {
    std::uint64_t first_sequence;
    std::uint64_t readings;
    DatagramOrigin origin;
};

static_assert(sizeof(Arrival) == 48 && std::is_trivially_copyable_v<Arrival>);

/// Ingest does not poll the port before there is room for a whole burst: what the pipeline cannot
/// take stays in the device's ring, whose overflow the ledger shows. Nothing is dropped here.
using ReadingJournal = Journal<proto::Reading, FullPolicy::wait>;
using ArrivalJournal = Journal<Arrival, FullPolicy::wait>;

}  // namespace roda::appliance
