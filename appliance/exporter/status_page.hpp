// SPDX-License-Identifier: Apache-2.0
// Everything that the appliance counts, as it lies in shared memory: INSTANCE.status is a slot
// store with one StatusPage, replaced whole some ten times a second.
//
//   0            8            16      20        24       28      32                     64
//   | started_ns | updated_ns | state | link_up | shards | rules | version, NUL-padded  |
//   64                    192              224                352          360          368
//   | device, NUL-padded  | driver, padded | memory, padded   | busy_steps | idle_steps |
//   368           376             384        392       400
//   | step_max_ns | link_changes | restarts | removed | notes, a line each, NUL-padded   |
//   1408      1416              1424      1432     1440        1448      1456    1464
//   | last_ok | last_success_ns | reloads | failed | reload_ns | in_force | points |
//   1464                            then
//   | 64 shards, each a ShardStatus | Ledger |    both are 64-bit counters in the order of the
//   source
//
// The schema changes with every name and every counter: a reader of another build is refused and
// never shown numbers under wrong names. Programs that want to outlive that use `roda status
// --json`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "appliance/config/config.hpp"
#include "appliance/exporter/status.hpp"
#include "pipeline/store/slot_store.hpp"

namespace roda::appliance {

enum class RunState : std::uint32_t {
    starting,
    receiving,
    stopped,
    port_removed,  // runs, and receives nothing any more
};

/// ReloadStatus in words.
struct ReloadFigures {
    std::uint64_t last_ok;  // 0 or 1
    std::uint64_t last_success_ns;
    std::uint64_t total;
    std::uint64_t failed;
    std::uint64_t took_ns;
    std::uint64_t rules;
    std::uint64_t points;
};

/// Shape: 64-bit words, no padding. Units: times are Unix nanoseconds.
struct StatusPage {
    std::uint64_t started_ns;
    std::uint64_t updated_ns;
    RunState state;
    std::uint32_t link_up;
    std::uint32_t shards;  // in use; a reader bounds it
    std::uint32_t rules;   // slots of INSTANCE.rules in use
    std::array<char, 32> version;
    std::array<char, 128> device;
    std::array<char, 32> driver;
    std::array<char, 128> memory;
    std::uint64_t busy_steps;
    std::uint64_t idle_steps;
    std::uint64_t step_max_ns;
    std::uint64_t link_changes;
    std::uint64_t restarts;
    std::uint64_t removed;  // 0 or 1
    std::array<char, 1008> notes;
    ReloadFigures reload;
    std::array<ShardStatus, max_shards> shard;
    Ledger ledger;
};

static_assert(std::is_trivially_copyable_v<StatusPage>);
static_assert(std::has_unique_object_representations_v<StatusPage>);

/// `text` as far as it fits, NUL-padded.
template <std::size_t bytes>
std::array<char, bytes> padded(std::string_view text) noexcept {
    std::array<char, bytes> field{};
    text.substr(0, bytes).copy(field.data(), bytes);
    return field;
}

template <std::size_t bytes>
std::string_view text_of(const std::array<char, bytes>& field) noexcept {
    const std::string_view all(field.data(), bytes);
    return all.substr(0, all.find('\0'));
}

/// Stands in the store's header.
std::uint64_t status_page_schema() noexcept;

/// Shape: device, driver, memory and notes are cut when they do not fit.
StatusPage status_page(const Status& status, RunState state);

using StatusStore = SlotStore<StatusPage>;
using StatusPageReader = SlotReader<StatusPage>;

}  // namespace roda::appliance
