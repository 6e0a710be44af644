// SPDX-License-Identifier: Apache-2.0
#include "bench/judge.hpp"

#include <algorithm>

namespace roda::bench {
namespace {

Judged judge_one(const Gate& gate, const Result::Row& variant, const Result::Row& base) {
    const bool is_time = gate.kind == GateKind::time;
    Judged judged{.gate = &gate,
                  .ratio = is_time ? Result::ratio(variant, base) : Result::ratio(base, variant)};
    const double measured = judged.ratio.median;
    const bool met = is_time ? measured <= gate.gate : measured >= gate.gate;
    judged.verdict = met                                ? Verdict::met
                     : gate.state == GateState::awaited ? Verdict::awaited
                                                        : Verdict::short_of;
    judged.factor_from_aim = is_time ? measured / gate.aim : gate.aim / measured;
    return judged;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) noexcept {
    constexpr std::array<std::string_view, 5> names = {
        "met", "SHORT", "awaited", "skipped", "UNNAMED"};
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
        Judged judged{.gate = &gate, .ratio = {}};
        const auto result = std::ranges::find(results, gate.comparison, &Result::name);
        if (result != results.end()) {
            const Result::Row* variant = result->row(gate.variant);
            const Result::Row* base = result->row(gate.base);
            if (variant != nullptr && base != nullptr) {
                judged = judge_one(gate, *variant, *base);
            }
        } else if (std::ranges::find(skipped, gate.comparison) != skipped.end()) {
            judged.verdict = Verdict::skipped;
        }
        all.push_back(judged);
    }
    return all;
}

}  // namespace roda::bench
