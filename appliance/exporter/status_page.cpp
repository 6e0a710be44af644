// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/status_page.hpp"

#include <algorithm>

#include "appliance/version.hpp"
#include "pipeline/base/clock.hpp"

namespace roda::appliance {
namespace {

constexpr std::uint64_t layout_version = 3;

static_assert(offsetof(StatusPage, version) == 32);
static_assert(offsetof(StatusPage, device) == 64);
static_assert(offsetof(StatusPage, busy_steps) == 352);
static_assert(offsetof(StatusPage, reload) == 1408);
static_assert(offsetof(StatusPage, shard) == 1464);

/// FNV-1a: tells builds apart, guards against nobody.
class Fingerprint {
  public:
    constexpr void add(std::uint64_t number) noexcept {
        for (unsigned byte = 0; byte < sizeof(number); ++byte) {
            add_byte(static_cast<unsigned char>(number >> (8 * byte)));
        }
    }

    template <std::size_t count>
    constexpr void add(const std::array<std::string_view, count>& names) noexcept {
        add(count);
        for (const std::string_view name : names) {
            for (const char letter : name) {
                add_byte(static_cast<unsigned char>(letter));
            }
            add_byte(0);
        }
    }

    constexpr std::uint64_t value() const noexcept { return value_; }

  private:
    constexpr void add_byte(unsigned char byte) noexcept {
        value_ = (value_ ^ byte) * 0x100'0000'01b3;
    }

    std::uint64_t value_ = 0xcbf2'9ce4'8422'2325;
};

/// A line each.
std::string joined(const std::vector<std::string>& notes) {
    std::string lines;
    for (const std::string& note : notes) {
        lines += (lines.empty() ? "" : "\n") + note;
    }
    return lines;
}

}  // namespace

std::uint64_t status_page_schema() noexcept {
    Fingerprint print;
    print.add(layout_version);
    print.add(sizeof(StatusPage));
    print.add(sizeof(IngestLedger));
    print.add(sizeof(DetectLedger));
    print.add(sizeof(ShardStatus));
    print.add(proto::frame_refusal_names);
    print.add(proto::datagram_refusal_names);
    print.add(admission_refusal_names);
    print.add(reading_refusal_names);
    print.add(dpdk::fragment_drop_names);
    print.add(transition_names);
    print.add(severity_names);
    return print.value();
}

StatusPage status_page(const Status& status, RunState state) {
    StatusPage page{};
    page.started_ns = status.started_ns;
    page.updated_ns = unix_now_ns();
    page.state = state;
    page.link_up = status.link_up;
    page.shards = static_cast<std::uint32_t>(std::min(status.shards.size(), page.shard.size()));
    page.rules = static_cast<std::uint32_t>(status.series == nullptr ? 0 : status.series->size());
    page.version = padded<sizeof(page.version)>(version);
    page.device = padded<sizeof(page.device)>(status.device);
    page.driver = padded<sizeof(page.driver)>(status.driver);
    page.memory = padded<sizeof(page.memory)>(status.memory);
    page.busy_steps = status.busy_steps;
    page.idle_steps = status.idle_steps;
    page.step_max_ns = status.step_max_ns;
    page.link_changes = status.port_events.link_changes;
    page.restarts = status.port_events.restarts;
    page.removed = status.port_events.removed ? 1 : 0;
    page.notes = padded<sizeof(page.notes)>(joined(status.port_notes));
    page.reload = {.last_ok = status.reload.last_ok ? 1u : 0u,
                   .last_success_ns = status.reload.last_success_ns,
                   .total = status.reload.total,
                   .failed = status.reload.failed,
                   .took_ns = static_cast<std::uint64_t>(status.reload.seconds * 1e9),
                   .rules = status.reload.rules,
                   .points = status.reload.points};
    std::copy_n(status.shards.begin(), page.shards, page.shard.begin());
    page.ledger = status.ledger;
    return page;
}

}  // namespace roda::appliance
