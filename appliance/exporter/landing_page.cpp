// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/landing_page.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "appliance/alerting/alert_text.hpp"
#include "appliance/exporter/rule_figures.hpp"
#include "appliance/exporter/status_page.hpp"
#include "appliance/ingest/grouped.hpp"
#include "appliance/ingest/time_text.hpp"
#include "appliance/version.hpp"

namespace roda::appliance {

namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--good:#2a7d46;--bad:#b3372f}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2.5rem auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem}
h1{font-size:1.75rem;margin:0}h2{font-size:1.1rem;margin:2.25rem 0 .5rem}
nav{margin:.75rem 0 1.75rem}nav a{margin-right:1.25rem}
.muted{opacity:.7}.badge{color:#fff;border-radius:1rem;padding:.05rem .7rem;font-size:.85rem}
.good{background:var(--good)}.bad{background:var(--bad)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.5rem;margin:0}
dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .75rem;border-bottom:1px solid var(--line);text-align:right}
th{font-weight:600;background:var(--soft)}
td{font-variant-numeric:tabular-nums}
.word{text-align:left}
)";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

template <std::size_t count>
std::uint64_t sum(const std::array<std::uint64_t, count>& counters) {
    return std::accumulate(counters.begin(), counters.end(), std::uint64_t{0});
}

std::string badge(bool good, std::string_view when_good, std::string_view when_bad) {
    return "<span class=\"badge " + std::string(good ? "good" : "bad") + "\">" +
           std::string(good ? when_good : when_bad) + "</span>\n";
}

std::string fact(std::string_view name, std::string_view value) {
    return "<dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd>\n";
}

/// The first `words` cells lean left, the numbers after them right.
template <std::size_t columns>
std::string row(std::string_view cell,
                std::size_t words,
                const std::array<std::string, columns>& cells) {
    std::string out = "<tr>";
    for (std::size_t i = 0; i < columns; ++i) {
        out.append("<").append(cell).append(i < words ? " class=\"word\">" : ">");
        out.append(escaped(cells[i])).append("</").append(cell).append(">");
    }
    return out.append("</tr>\n");
}

std::string link_text(const Status& status) {
    if (status.port_events.removed) {
        return "gone: the device was removed";
    }
    return std::string(status.link_up ? "up" : "down") +
           "; changes: " + grouped(status.port_events.link_changes);
}

/// What the driver lacks.
std::string notes_facts(const Status& status) {
    std::string out;
    for (const std::string& note : status.port_notes) {
        out += fact("Note", note);
    }
    return out;
}

std::string facts(const Config& config, const Status& status) {
    const IngestLedger& ingest = status.ledger.ingest;
    // Driver and memory are not known before the port is up.
    const std::string driver = status.driver.empty() ? "" : " (" + status.driver + ")";
    return "<dl>\n" + fact("Device", status.device + driver) + fact("Link", link_text(status)) +
           fact("Port restarts", grouped(status.port_events.restarts)) + notes_facts(status) +
           fact("Frame memory", status.memory.empty() ? "-" : status.memory) +
           fact("Ingest", "UDP port " + std::to_string(config.ingest.udp_port)) +
           fact("Started", utc_text(status.started_ns)) +
           fact("Sensors", grouped(status.ledger.detect.sensors)) +
           fact("Alert records", grouped(status.ledger.detect.alerts_emitted)) +
           fact("Payload", grouped(ingest.bytes_received) + " bytes") +
           fact("Datagrams reassembled", grouped(ingest.frames_reassembled)) +
           fact("Datagrams lost", grouped(ingest.datagrams_lost)) +
           fact("Datagrams reordered", grouped(ingest.datagrams_reordered)) +
           fact("Datagrams untracked", grouped(ingest.datagrams_untracked)) + "</dl>\n";
}

std::string ledger_table(const Ledger& ledger) {
    const dpdk::PortCounters& port = ledger.port;
    const IngestLedger& ingest = ledger.ingest;
    const DetectLedger& detect = ledger.detect;
    const std::uint64_t port_lost = port.missed + port.errors + port.no_buffer + port.left_at_stop;
    const std::uint64_t datagrams_refused =
        sum(ingest.datagrams_malformed) + sum(ingest.datagrams_not_admitted);
    using Row = std::array<std::string, 7>;
    return "<h2>Ledger</h2>\n<div class=\"scroll\"><table>\n" +
           row("th",
               1,
               Row{"", "received", "accepted", "neighbour", "diverted", "fragment", "refused"}) +
           row("td",
               1,
               Row{"port",
                   grouped(port.received + port_lost),
                   grouped(port.received),
                   "",
                   "",
                   "",
                   grouped(port_lost)}) +
           row("td",
               1,
               Row{"frames",
                   grouped(ingest.frames_received),
                   grouped(ingest.datagrams_received),
                   grouped(ingest.frames_neighbour),
                   grouped(ingest.frames_diverted),
                   grouped(ingest.frames_fragment),
                   grouped(sum(ingest.frames_refused))}) +
           row("td",
               1,
               Row{"datagrams",
                   grouped(ingest.datagrams_received),
                   grouped(ingest.datagrams_accepted),
                   "",
                   "",
                   "",
                   grouped(datagrams_refused)}) +
           row("td",
               1,
               Row{"readings",
                   grouped(ingest.readings_received),
                   grouped(detect.readings_accepted),
                   "",
                   "",
                   "",
                   grouped(sum(detect.readings_refused))}) +
           "</table></div>\n";
}

std::string alarms_text(const DetectLedger& detect) {
    const std::string refused =
        detect.alarms_refused == 0 ? "" : "; refused: " + grouped(detect.alarms_refused);
    return grouped(detect.alarms) + " not at rest" + refused;
}

std::string reload_text(const ReloadStatus& reload) {
    const std::string when = utc_text(reload.last_success_ns);
    return reload.last_ok ? when : "the last FAILED, the rules are those of " + when;
}

/// Those with alerts, the most urgent first.
std::string rules_table(const Status& status) {
    constexpr std::size_t rules_shown = 50;
    const std::vector<RuleFigures> rules = rule_figures(status);
    const std::vector<RuleFigures> urgent = urgent_first(rules);
    const std::size_t shown = std::min(urgent.size(), rules_shown);
    std::string out = "<h2>Rules</h2>\n<dl>\n" +
                      fact("In force",
                           grouped(status.reload.rules) + ", with " +
                               grouped(status.reload.points) + " alarm points") +
                      fact("Loaded", reload_text(status.reload)) +
                      fact("Alarms", alarms_text(status.ledger.detect)) + "</dl>\n";
    using Row = std::array<std::string, 7>;
    if (shown != 0) {
        out += "<div class=\"scroll\"><table>\n" +
               row("th",
                   2,
                   Row{"rule", "severity", "firing", "pending", "shelved", "fired", "resolved"});
        for (const RuleFigures& rule : std::span(urgent).first(shown)) {
            out += row("td",
                       2,
                       Row{std::string(text_of(rule.name)),
                           std::string(severity_name(Severity(rule.severity))),
                           grouped(rule.firing),
                           grouped(rule.pending),
                           grouped(rule.shelved),
                           grouped(rule.of(Transition::firing)),
                           grouped(rule.of(Transition::resolved))});
        }
        out += "</table></div>\n";
    }
    const std::string others = others_text(rules.size(), urgent.size(), shown);
    return others.empty() ? out : out + "<p class=\"muted\">" + others + "</p>\n";
}

}  // namespace

std::string landing_page(const Config& config, const Status& status) {
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>Roda: ";
    page += escaped(config.instance);
    page += "</title>\n<style>";
    page += style;
    page += "</style>\n</head>\n<body>\n<header><h1>Roda</h1>\n<span class=\"muted\">";
    page += escaped(version);
    page += ", instance ";
    page += escaped(config.instance);
    page += "</span>\n";
    page += badge(status.ready, "ready", "not ready");
    page += badge(status.ledger.balanced_so_far(), "ledger balanced", "ledger NOT balanced");
    page +=
        "</header>\n<nav><a href=\"/metrics\">Metrics</a><a href=\"/api/v1/alerts\">Alerts</a><a "
        "href=\"/-/healthy\">Health</a>"
        "<a href=\"/-/ready\">Readiness</a></nav>\n<main>\n";
    page += facts(config, status);
    page += ledger_table(status.ledger);
    page += rules_table(status);
    page += "</main>\n</body>\n</html>\n";
    return page;
}

}  // namespace roda::appliance
