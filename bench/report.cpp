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
        const Spread trip = Spread::of(result.round_trips_ns);
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

}  // namespace

std::string facts_text(std::string_view bench, const Facts& facts) {
    std::string text = line("== %s\n", std::string(bench).c_str());
    for (const auto& [name, value] : facts) {
        text += line("   %-24s %s\n", name.c_str(), value.c_str());
    }
    return text;
}

std::string table_text(const Result& result) {
    const Result::Row& base = result.base();
    std::string text = line("\n%s: %" PRIu64 " records, %zu rounds; ratios to %s\n",
                            result.name.c_str(),
                            result.records,
                            base.ns_per_record.size(),
                            base.name.c_str());
    text += line("    %-28s %8s %8s %8s   %7s %7s %7s   %s\n",
                 "ns per record",
                 "median",
                 "min",
                 "max",
                 "ratio",
                 "min",
                 "max",
                 "digest");
    for (const Result::Row& row : result.rows) {
        const Spread ns = Spread::of(row.ns_per_record);
        const Spread ratio = Result::ratio(row, base);
        text += line("  %c %-28s %8.2f %8.2f %8.2f   %7.3f %7.3f %7.3f   %016" PRIx64 "\n",
                     row.same_work ? '=' : ' ',
                     row.name.c_str(),
                     ns.median,
                     ns.min,
                     ns.max,
                     ratio.median,
                     ratio.min,
                     ratio.max,
                     row.digest.value_or(0));
    }
    return text + caveats(result);
}

std::string gates_text(std::span<const Judged> judged) {
    std::string text;
    for (const Judged& each : judged) {
        const Gate& gate = *each.gate;
        const bool is_time = gate.kind == GateKind::time;
        text += line("gate %-8s %-36s %s %6.2f (%.2f - %.2f)  gate %s %.2f  aim %.2f  ",
                     std::string(verdict_name(each.verdict)).c_str(),
                     std::string(gate.name).c_str(),
                     is_time ? "time " : "speed",
                     each.ratio.median,
                     each.ratio.min,
                     each.ratio.max,
                     is_time ? "<=" : ">=",
                     gate.gate,
                     gate.aim);
        if (each.factor_from_aim == 0) {
            text += "not measured\n";
        } else if (each.factor_from_aim <= 1) {
            text += "aim reached\n";
        } else {
            text += line("%.2f times from the aim\n", each.factor_from_aim);
        }
    }
    return text;
}

}  // namespace roda::bench
