// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <cinttypes>
#include <cstdarg>
#include <cstdio>

namespace roda::bench {
namespace {

[[gnu::format(printf, 1, 2)]] std::string line(const char* format, ...) {
    char text[320];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return text;
}

/// What a reader must know before believing the figures.
std::string caveats(const Result& result) {
    std::string text;
    if (!result.round_trips_ns.empty()) {
        const Spread trip = Result::over_rounds(result.round_trips_ns);
        text += line("  cores: %s, cache line there and back %.0f ns (%.0f - %.0f)\n",
                     std::string(result.distance()).c_str(),
                     trip.median,
                     trip.min,
                     trip.max);
    }
    if (result.kept_disturbed) {
        text += line("  DISTURBED: hardly a quiet round in %u; all were kept\n",
                     static_cast<unsigned>(result.base().ns_per_record.size()));
    } else if (result.dropped_rounds != 0) {
        text += line("  %u disturbed rounds were dropped and repeated\n", result.dropped_rounds);
    }
    if (result.disagreement) {
        text +=
            "  DISAGREEMENT: the variants marked = do the same work and gave different results\n";
    }
    return text;
}

std::string rows_text(const Result& result) {
    const Result::Row& base = result.base();
    std::string text = line("    %-28s %8s %8s %8s %8s   %7s %7s %7s   %s\n",
                            "ns per record",
                            "median",
                            "min",
                            "max",
                            "M/s",
                            "ratio",
                            "min",
                            "max",
                            "digest");
    for (const Result::Row& row : result.rows) {
        const Spread ns = Spread::of(row.ns_per_record);
        const Spread ratio = Result::ratio(row, base);
        text += line("  %c %-28s %8.2f %8.2f %8.2f %8.1f   %7.3f %7.3f %7.3f   %016" PRIx64 "\n",
                     row.same_work ? '=' : ' ',
                     row.name.c_str(),
                     ns.median,
                     ns.min,
                     ns.max,
                     1e3 / ns.median,
                     ratio.median,
                     ratio.min,
                     ratio.max,
                     row.digest.value_or(0));
    }
    return text;
}

std::string latencies_text(const Result& result) {
    std::string text;
    for (const Result::Row& row : result.rows) {
        if (row.latency_ns.empty()) {
            continue;
        }
        text += line("    %-28s", ("latency, ns: " + row.name).c_str());
        for (const std::string_view quantile : quantile_names) {
            const Spread ns = row.latency(quantile).value_or(Spread{});
            text += line("  %s %.0f (%.0f - %.0f)",
                         std::string(quantile).c_str(),
                         ns.median,
                         ns.min,
                         ns.max);
        }
        text += '\n';
    }
    return text;
}

/// A table of rounds that belong together.
std::string rounds_text(const Result& result) {
    return line("\n%s: %" PRIu64 " records, %zu rounds; ratios to %s\n",
                result.name.c_str(),
                result.records,
                result.base().ns_per_record.size(),
                result.base().name.c_str()) +
           rows_text(result) + latencies_text(result) + caveats(result);
}

const char* unit_of(GateKind kind) noexcept {
    switch (kind) {
        case GateKind::time:
            return "time ";
        case GateKind::speed:
            return "speed";
        case GateKind::rate:
            return "M/s  ";
        case GateKind::nanoseconds:
            return "ns   ";
    }
    return "";
}

/// How far the aim is.
std::string aim_text(const Judged& judged) {
    if (judged.measured.median == 0) {
        return "not measured";
    }
    if (judged.missed_aim_by <= 0) {
        return line("aim %.2f reached", judged.gate->aim);
    }
    return line("aim %.2f missed by %.0f %%", judged.gate->aim, 100 * judged.missed_aim_by);
}

}  // namespace

std::string facts_text(std::string_view bench, const Facts& facts) {
    std::string text = line("== %s\n", std::string(bench).c_str());
    for (const auto& [name, value] : facts) {
        text += line("   %-24s %s\n", name.c_str(), value.c_str());
    }
    return text;
}

std::string table_text(const Result& result) {
    std::string text = result.distance() == "mixed" ? rounds_text(result.rounds(/*near=*/true)) +
                                                          rounds_text(result.rounds(false))
                                                    : rounds_text(result);
    for (const std::string& remark : result.remarks) {
        text += "  " + remark + '\n';
    }
    return text;
}

std::string gates_text(std::span<const Judged> judged) {
    std::string text;
    for (const Judged& each : judged) {
        const Gate& gate = *each.gate;
        text += line("gate %-8s %-38s %s %7.2f (%.2f - %.2f)  gate %s %.2f  %s",
                     std::string(verdict_name(each.verdict)).c_str(),
                     std::string(gate.name).c_str(),
                     unit_of(gate.kind),
                     each.measured.median,
                     each.measured.min,
                     each.measured.max,
                     wants_small(gate.kind) ? "<=" : ">=",
                     gate.gate,
                     aim_text(each).c_str());
        text += each.distance.empty() ? "" : ", cores " + std::string(each.distance);
        text += each.disturbed ? ", DISTURBED\n" : "\n";
    }
    return text;
}

}  // namespace roda::bench
