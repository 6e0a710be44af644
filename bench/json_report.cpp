// SPDX-License-Identifier: Apache-2.0
// Writes JSON, never reads it: names and figures of our own, so a few lines are enough.
#include <cstdio>

#include "bench/report.hpp"

namespace roda::bench {
namespace {

/// Appends to one line of text; commas come by themselves.
class JsonWriter {
  public:
    JsonWriter& open(char bracket) {
        separate();
        text_ += bracket;
        first_ = true;
        return *this;
    }

    JsonWriter& close(char bracket) {
        text_ += bracket;
        first_ = false;
        return *this;
    }

    JsonWriter& key(std::string_view name) {
        string(name);
        text_ += ':';
        first_ = true;
        return *this;
    }

    JsonWriter& string(std::string_view value) {
        separate();
        text_ += '"';
        for (const char c : value) {
            if (c == '"' || c == '\\') {
                text_ += '\\';
            }
            text_ += c;
        }
        text_ += '"';
        return *this;
    }

    JsonWriter& number(double value) {
        char digits[32];
        std::snprintf(digits, sizeof(digits), "%.9g", value);
        return bare(digits);
    }

    JsonWriter& boolean(bool value) { return bare(value ? "true" : "false"); }

    /// 64 bits: more than a JSON number holds everywhere.
    JsonWriter& hexadecimal(std::uint64_t value) {
        char digits[20];
        std::snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(value));
        return string(digits);
    }

    JsonWriter& spread(const Spread& value) {
        open('{').key("median").number(value.median);
        return key("min").number(value.min).key("max").number(value.max).close('}');
    }

    std::string take() { return std::move(text_); }

  private:
    JsonWriter& bare(std::string_view value) {
        separate();
        text_ += value;
        return *this;
    }

    void separate() {
        if (!first_) {
            text_ += ',';
        }
        first_ = false;
    }

    std::string text_;
    bool first_ = true;
};

std::string_view kind_name(GateKind kind) noexcept {
    constexpr std::array<std::string_view, 4> names = {"time", "speed", "rate", "nanoseconds"};
    return names[static_cast<std::size_t>(kind)];
}

void write(JsonWriter& json, const Result& result) {
    json.open('{').key("name").string(result.name);
    json.key("records").number(static_cast<double>(result.records));
    json.key("dropped_rounds").number(result.dropped_rounds);
    json.key("kept_disturbed").boolean(result.kept_disturbed);
    json.key("disagreement").boolean(result.disagreement);
    json.key("cores").string(result.distance());
    json.key("line_round_trip_ns").spread(Result::over_rounds(result.round_trips_ns));
    json.key("base").string(result.base().name);
    json.key("variants").open('[');
    for (const Result::Row& row : result.rows) {
        json.open('{').key("name").string(row.name);
        json.key("ns_per_record").spread(Spread::of(row.ns_per_record));
        json.key("to_base").spread(Result::ratio(row, result.base()));
        json.key("same_work").boolean(row.same_work);
        for (const std::string_view quantile : quantile_names) {
            if (const auto ns = row.latency(quantile)) {
                json.key("latency_ns_" + std::string(quantile)).spread(*ns);
            }
        }
        json.key("digest").hexadecimal(row.digest.value_or(0)).close('}');
    }
    json.close(']').key("remarks").open('[');
    for (const std::string& remark : result.remarks) {
        json.string(remark);
    }
    json.close(']').close('}');
}

void write(JsonWriter& json, const Judged& judged) {
    const Gate& gate = *judged.gate;
    json.open('{').key("name").string(gate.name);
    json.key("verdict").string(verdict_name(judged.verdict));
    json.key("kind").string(kind_name(gate.kind));
    json.key("measured").spread(judged.measured);
    json.key("gate").number(gate.gate).key("aim").number(gate.aim);
    json.key("missed_aim_by").number(judged.missed_aim_by);
    json.key("cores").string(judged.distance);
    json.key("disturbed").boolean(judged.disturbed).close('}');
}

}  // namespace

std::string json_text(std::string_view bench,
                      const Facts& facts,
                      std::span<const Result> results,
                      std::span<const Judged> judged) {
    JsonWriter json;
    json.open('{').key("bench").string(bench).key("machine").open('{');
    for (const auto& [name, value] : facts) {
        json.key(name).string(value);
    }
    json.close('}').key("comparisons").open('[');
    for (const Result& result : results) {
        write(json, result);
    }
    json.close(']').key("gates").open('[');
    for (const Judged& each : judged) {
        write(json, each);
    }
    json.close(']').close('}');
    return json.take() + '\n';
}

}  // namespace roda::bench
