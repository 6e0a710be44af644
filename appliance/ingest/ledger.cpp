// SPDX-License-Identifier: Apache-2.0
// The ledger's sums, and its two written forms: one line for programs, a table for people.
#include "appliance/ingest/ledger.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "appliance/ingest/grouped.hpp"
#include "appliance/ingest/json_writer.hpp"
#include "appliance/ingest/text_table.hpp"

namespace roda::appliance {

namespace {

template <std::size_t count>
std::uint64_t sum(const std::array<std::uint64_t, count>& counters) noexcept {
    return std::accumulate(counters.begin(), counters.end(), std::uint64_t{0});
}

/// Whether both sides of an equation are counted by one worker.
enum class Span : std::uint8_t { one_cell, two_cells };

/// One equation of the ledger: what a level received, and what became of it.
struct Balance {
    std::string_view level;
    Span span;
    std::uint64_t received;
    std::uint64_t accounted;

    bool closes() const noexcept { return received == accounted; }

    bool closes_so_far() const noexcept {
        return closes() || (span == Span::two_cells && received > accounted);
    }
};

std::array<Balance, 6> balances(const Ledger& ledger) noexcept {
    const IngestLedger& ingest = ledger.ingest;
    const DetectLedger& detect = ledger.detect;
    const dpdk::FragmentCounters& fragments = ledger.port.fragments;
    return {{
        {"port", Span::two_cells, ledger.port.received, ingest.frames_received},
        {"frames",
         Span::one_cell,
         ingest.frames_received + ingest.frames_reassembled,
         ingest.frames_neighbour + ingest.frames_diverted + ingest.frames_fragment +
             sum(ingest.frames_refused) + ingest.datagrams_received},
        {"fragments", Span::two_cells, fragments.taken, ingest.frames_fragment},
        {"pieces",
         Span::one_cell,
         fragments.taken,
         fragments.joined + fragments.waiting + sum(fragments.dropped)},
        {"datagrams",
         Span::one_cell,
         ingest.datagrams_received,
         ingest.datagrams_accepted + sum(ingest.datagrams_malformed) +
             sum(ingest.datagrams_not_admitted)},
        {"readings",
         Span::two_cells,
         ingest.readings_received,
         detect.readings_accepted + sum(detect.readings_refused)},
    }};
}

template <std::size_t count>
JsonWriter& numbers(JsonWriter& json,
                    const std::array<std::string_view, count>& keys,
                    const std::array<std::uint64_t, count>& values) {
    for (std::size_t i = 0; i < count; ++i) {
        json.number(keys[i], values[i]);
    }
    return json;
}

class Reasons {
  public:
    template <std::size_t count>
    Reasons& add(const std::array<std::string_view, count>& names,
                 const std::array<std::uint64_t, count>& values) {
        for (std::size_t i = 0; i < count; ++i) {
            if (values[i] != 0) {
                text_ += text_.empty() ? "" : ", ";
                text_ += std::string(names[i]) + ' ' + grouped(values[i]);
            }
        }
        return *this;
    }

    const std::string& text() const noexcept { return text_; }

  private:
    std::string text_;
};

/// What does not close, one part per level; empty when all do.
std::string open_balances(const Ledger& ledger) {
    std::string text;
    for (const Balance& balance : balances(ledger)) {
        if (!balance.closes()) {
            text += text.empty() ? "" : "; ";
            text += std::string(balance.level) + ": " + grouped(balance.received) + " received, " +
                    grouped(balance.accounted) + " accounted for";
        }
    }
    return text;
}

void add_port(JsonWriter& json, const dpdk::PortCounters& port) {
    json.key("port")
        .open()
        .number("received", port.received)
        .number("missed", port.missed)
        .number("errors", port.errors)
        .number("no_buffer", port.no_buffer)
        .number("left_at_stop", port.left_at_stop)
        .close();
    json.key("fragments")
        .open()
        .number("taken", port.fragments.taken)
        .number("joined", port.fragments.joined)
        .number("waiting", port.fragments.waiting)
        .number("datagrams", port.fragments.datagrams)
        .key("dropped")
        .open();
    numbers(json, dpdk::fragment_drop_names, port.fragments.dropped).close().close();
    json.key("exceptions")
        .open()
        .number("diverted", port.exceptions.diverted)
        .number("no_room", port.exceptions.no_room)
        .number("delivered", port.exceptions.delivered)
        .number("rejected", port.exceptions.rejected)
        .number("sent", port.exceptions.sent)
        .number("unsent", port.exceptions.unsent)
        .close();
}

void add_ingest(JsonWriter& json, const IngestLedger& ingest) {
    json.key("frames")
        .open()
        .number("received", ingest.frames_received)
        .number("reassembled", ingest.frames_reassembled)
        .number("neighbour", ingest.frames_neighbour)
        .number("diverted", ingest.frames_diverted)
        .number("fragment", ingest.frames_fragment)
        .key("refused")
        .open();
    numbers(json, proto::frame_refusal_names, ingest.frames_refused).close().close();
    json.key("datagrams")
        .open()
        .number("received", ingest.datagrams_received)
        .number("accepted", ingest.datagrams_accepted)
        .key("refused")
        .open();
    numbers(json, proto::datagram_refusal_names, ingest.datagrams_malformed);
    numbers(json, admission_refusal_names, ingest.datagrams_not_admitted).close();
    json.number("lost", ingest.datagrams_lost)
        .number("reordered", ingest.datagrams_reordered)
        .number("untracked", ingest.datagrams_untracked)
        .number("bytes", ingest.bytes_received)
        .close();
}

void add_readings(JsonWriter& json, const IngestLedger& ingest, const DetectLedger& detect) {
    json.key("readings")
        .open()
        .number("received", ingest.readings_received)
        .number("accepted", detect.readings_accepted)
        .key("refused")
        .open();
    numbers(json, reading_refusal_names, detect.readings_refused).close();
    json.number("clamped", ingest.readings_clamped).number("late", detect.readings_late).close();
    json.key("rules")
        .open()
        .number("alarms", detect.alarms)
        .number("alarms_refused", detect.alarms_refused)
        .number("rule_sets_refused", detect.rule_sets_refused)
        .number("points_left_out", detect.points_left_out)
        .number("windows_late", detect.windows_late)
        .number("windows_refused", detect.windows_refused)
        .number("clock_steps", detect.clock_steps)
        .close();
}

/// What the rules could not do as configured; empty where they could.
std::string rules_text(const Ledger& ledger) {
    const DetectLedger& detect = ledger.detect;
    constexpr std::array<std::string_view, 8> names = {"readings clamped",
                                                       "late",
                                                       "clock steps",
                                                       "alarms refused",
                                                       "rule sets refused",
                                                       "points left out",
                                                       "late for windows",
                                                       "windows refused"};
    const std::array<std::uint64_t, 8> values = {ledger.ingest.readings_clamped,
                                                 detect.readings_late,
                                                 detect.clock_steps,
                                                 detect.alarms_refused,
                                                 detect.rule_sets_refused,
                                                 detect.points_left_out,
                                                 detect.windows_late,
                                                 detect.windows_refused};
    const std::string text = Reasons().add(names, values).text();
    return text.empty() ? text : "rules: " + text + '\n';
}

}  // namespace

bool Ledger::balanced() const noexcept {
    const auto all = balances(*this);
    return std::all_of(all.begin(), all.end(), [](const Balance& one) { return one.closes(); });
}

bool Ledger::balanced_so_far() const noexcept {
    const auto all = balances(*this);
    return std::all_of(
        all.begin(), all.end(), [](const Balance& one) { return one.closes_so_far(); });
}

std::string Ledger::to_json() const {
    JsonWriter json;
    json.open();
    add_port(json, port);
    add_ingest(json, ingest);
    add_readings(json, ingest, detect);
    return json.number("alerts", detect.alerts_emitted)
        .number("sensors", detect.sensors)
        .number("balanced", balanced())
        .close()
        .str();
}

std::string Ledger::to_text() const {
    const std::array<std::string_view, 4> port_names = {
        "missed", "errors", "no_buffer", "left_at_stop"};
    const std::array<std::uint64_t, 4> port_losses = {
        port.missed, port.errors, port.no_buffer, port.left_at_stop};
    const std::uint64_t datagrams_refused =
        sum(ingest.datagrams_malformed) + sum(ingest.datagrams_not_admitted);

    std::string text = aligned({
        {"", "received", "accepted", "neighbour", "diverted", "fragment", "refused", ""},
        {"port",
         grouped(port.received + sum(port_losses)),
         grouped(port.received),
         "",
         "",
         "",
         grouped(sum(port_losses)),
         Reasons().add(port_names, port_losses).text()},
        {"frames",
         grouped(ingest.frames_received),
         grouped(ingest.datagrams_received),
         grouped(ingest.frames_neighbour),
         grouped(ingest.frames_diverted),
         grouped(ingest.frames_fragment),
         grouped(sum(ingest.frames_refused)),
         Reasons().add(proto::frame_refusal_names, ingest.frames_refused).text()},
        {"datagrams",
         grouped(ingest.datagrams_received),
         grouped(ingest.datagrams_accepted),
         "",
         "",
         "",
         grouped(datagrams_refused),
         Reasons()
             .add(proto::datagram_refusal_names, ingest.datagrams_malformed)
             .add(admission_refusal_names, ingest.datagrams_not_admitted)
             .text()},
        {"readings",
         grouped(ingest.readings_received),
         grouped(detect.readings_accepted),
         "",
         "",
         "",
         grouped(sum(detect.readings_refused)),
         Reasons().add(reading_refusal_names, detect.readings_refused).text()},
    });
    text += grouped(detect.alerts_emitted) + " alerts, " + grouped(detect.sensors) + " sensors, " +
            grouped(ingest.bytes_received) + " bytes; datagrams reassembled " +
            grouped(ingest.frames_reassembled) + ", lost " + grouped(ingest.datagrams_lost) +
            ", reordered " + grouped(ingest.datagrams_reordered) + ", untracked " +
            grouped(ingest.datagrams_untracked) + '\n';
    text += rules_text(*this);
    const std::string open = open_balances(*this);
    text += open.empty() ? "balanced\n" : "NOT balanced: " + open + '\n';
    return text;
}

}  // namespace roda::appliance
