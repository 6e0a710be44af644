// SPDX-License-Identifier: Apache-2.0
#include "bench/judge.hpp"

#include <algorithm>
#include <optional>

namespace roda::bench {
namespace {

Spread rate_of(const Result::Row& row) {
    std::vector<double> million_per_second;
    for (const double ns : row.ns_per_record) {
        million_per_second.push_back(1e3 / ns);
    }
    return Spread::of(std::move(million_per_second));
}

/// What the gate asks for; nothing when the comparison has no such variant or quantile.
std::optional<Spread> figure_of(const Gate& gate, const Result& result) {
    const Result::Row* variant = result.row(gate.variant);
    if (variant == nullptr) {
        return std::nullopt;
    }
    if (gate.kind == GateKind::rate) {
        return rate_of(*variant);
    }
    if (gate.kind == GateKind::nanoseconds) {
        return gate.base.empty() ? Spread::of(variant->ns_per_record) : variant->latency(gate.base);
    }
    const Result::Row* base = result.row(gate.base);
    if (base == nullptr) {
        return std::nullopt;
    }
    return gate.kind == GateKind::time ? Result::ratio(*variant, *base)
                                       : Result::ratio(*base, *variant);
}

Verdict verdict_of(const Gate& gate, double measured) {
    if (wants_small(gate.kind) ? measured <= gate.gate : measured >= gate.gate) {
        return Verdict::met;
    }
    if (is_absolute(gate.kind)) {
        return Verdict::missed;
    }
    return gate.state == GateState::awaited ? Verdict::awaited : Verdict::short_of;
}

Judged judge_one(const Gate& gate, const Result& measured) {
    const Result result =
        measured.distance() == "mixed" ? measured.rounds(/*near=*/true) : measured;
    Judged judged{.gate = &gate, .distance = result.distance(), .disturbed = result.kept_disturbed};
    const std::optional<Spread> figure = figure_of(gate, result);
    if (!figure) {
        return judged;
    }
    if (is_absolute(gate.kind) && judged.distance == "far") {
        judged.verdict = Verdict::skipped;
        return judged;
    }
    judged.measured = *figure;
    judged.verdict = verdict_of(gate, figure->median);
    judged.missed_aim_by =
        wants_small(gate.kind) ? figure->median / gate.aim - 1 : 1 - figure->median / gate.aim;
    return judged;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) noexcept {
    constexpr std::array<std::string_view, 6> names = {
        "met", "SHORT", "awaited", "missed", "skipped", "UNNAMED"};
    return names[static_cast<std::size_t>(verdict)];
}

std::vector<Judged> judge(std::string_view bench,
                          std::span<const Result> results,
                          std::span<const std::string> skipped) {
    std::vector<Judged> all;
    for (const Gate& gate : gates) {
        if (gate.comparison.substr(0, gate.comparison.find('.')) != bench) {
            continue;
        }
        Judged judged{.gate = &gate};
        const auto result = std::ranges::find(results, gate.comparison, &Result::name);
        if (result != results.end()) {
            judged = judge_one(gate, *result);
        } else if (std::ranges::find(skipped, gate.comparison) != skipped.end()) {
            judged.verdict = Verdict::skipped;
        }
        all.push_back(judged);
    }
    return all;
}

}  // namespace roda::bench
