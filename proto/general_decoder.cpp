// SPDX-License-Identifier: Apache-2.0
// Every form of the schema. One walk validates and counts, writes the rows and remembers where each
// column's first run lies. Columns of one run are then transposed in one loop; columns in pieces
// cost a second walk.
#include "proto/general_decoder.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "proto/datagram_walk.hpp"
#include "proto/transpose.hpp"

namespace roda::proto {
namespace {

/// The first walk.
struct Survey {
    struct Seen {
        const std::byte* first_run = nullptr;
        std::size_t first_count = 0;
        std::size_t count = 0;
    };

    std::span<Reading> out;
    DatagramHeader header = {};
    std::uint64_t base_time_ns = 0;
    std::array<Seen, column_count> columns = {};
    std::size_t rows = 0;

    void on_run(Column column, const std::byte* entries, std::size_t count) noexcept {
        Seen& seen = columns[index_of(column)];
        if (seen.count == 0) {
            seen.first_run = entries;
            seen.first_count = count;
        }
        seen.count += count;
    }

    /// Rows go to the front of `out`, and move behind the columns when all is counted.
    bool on_row(std::span<const std::byte> bytes) noexcept {
        Reading beyond;
        const std::size_t index = rows++;
        return decode_row(bytes, index < out.size() ? out[index] : beyond);
    }

    const Seen& of(Column column) const noexcept { return columns[index_of(column)]; }

    std::size_t count(Column column) const noexcept { return of(column).count; }

    /// Ids in exactly one form, times in at most one, as many as values.
    bool columns_match() const noexcept {
        const std::size_t n = count(Column::values);
        const std::size_t wide_ids = count(Column::wide_ids);
        const std::size_t short_ids = count(Column::short_ids);
        const std::size_t wide_times = count(Column::wide_times);
        const std::size_t offsets = count(Column::time_offsets);
        const bool ids_match = wide_ids + short_ids == n && (wide_ids == 0 || short_ids == 0);
        const bool times_match = (wide_times + offsets == n || wide_times + offsets == 0) &&
                                 (wide_times == 0 || offsets == 0);
        return ids_match && times_match;
    }

    bool each_in_one_run() const noexcept {
        return std::ranges::all_of(columns,
                                   [](const Seen& seen) { return seen.first_count == seen.count; });
    }
};

/// The second walk, for columns in pieces: each entry goes to its own index. The first walk has
/// shown that every column has as many entries as there are readings in `out`.
struct Scatter {
    std::span<Reading> out;
    std::uint64_t base_ns = 0;
    DatagramHeader header = {};
    std::uint64_t base_time_ns = 0;
    std::size_t ids = 0;
    std::size_t values = 0;
    std::size_t times = 0;

    void on_run(Column column, const std::byte* entries, std::size_t count) noexcept {
        switch (column) {
            case Column::wide_ids:
                return write_ids(WideEntries{entries}, count);
            case Column::short_ids:
                return write_ids(ShortEntries{entries}, count);
            case Column::values:
                return write_values(WideEntries{entries}, count);
            case Column::wide_times:
                return write_times(WideEntries{entries}, count);
            case Column::time_offsets:
                return write_times(OffsetEntries{entries, base_ns}, count);
        }
    }

    bool on_row(std::span<const std::byte>) const noexcept { return true; }

    template <typename Entries>
    void write_ids(const Entries& entries, std::size_t count) noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            out[ids++].sensor_id = entries.at(i);
        }
    }

    void write_values(const WideEntries& entries, std::size_t count) noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            out[values++].value = std::bit_cast<double>(entries.at(i));
        }
    }

    template <typename Entries>
    void write_times(const Entries& entries, std::size_t count) noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            out[times++].timestamp_ns = entries.at(i);
        }
    }
};

template <typename Ids>
void transpose_with_times(const Survey& survey, Ids ids, std::uint64_t base_ns) noexcept {
    const WideEntries values{survey.of(Column::values).first_run};
    const std::size_t n = survey.count(Column::values);
    Reading* out = survey.out.data();
    if (survey.count(Column::wide_times) != 0) {
        transpose(ids, values, WideEntries{survey.of(Column::wide_times).first_run}, out, n);
    } else if (survey.count(Column::time_offsets) != 0) {
        const OffsetEntries times{survey.of(Column::time_offsets).first_run, base_ns};
        transpose(ids, values, times, out, n);
    } else {
        transpose(ids, values, SameEntry{base_ns}, out, n);
    }
}

void gather_pieces(const Survey& survey,
                   std::span<const std::byte> payload,
                   std::uint64_t base_ns) noexcept {
    Scatter scatter{.out = survey.out.first(survey.count(Column::values)), .base_ns = base_ns};
    for (Reading& reading : scatter.out) {
        reading.timestamp_ns = base_ns;  // stays where there is no column of times
    }
    walk_datagram(payload, scatter);
}

void write_columns(const Survey& survey,
                   std::span<const std::byte> payload,
                   std::uint64_t base_ns) noexcept {
    if (!survey.each_in_one_run()) {
        gather_pieces(survey, payload, base_ns);
    } else if (survey.count(Column::wide_ids) != 0) {
        transpose_with_times(survey, WideEntries{survey.of(Column::wide_ids).first_run}, base_ns);
    } else {
        transpose_with_times(survey, ShortEntries{survey.of(Column::short_ids).first_run}, base_ns);
    }
}

void place_rows(std::span<Reading> out,
                std::size_t behind,
                std::size_t count,
                std::uint64_t base_ns) noexcept {
    const std::span<Reading> rows = out.subspan(behind, count);
    if (behind != 0) {
        std::memmove(rows.data(), out.data(), rows.size_bytes());
    }
    for (Reading& row : rows) {
        row.timestamp_ns = row.timestamp_ns != 0 ? row.timestamp_ns : base_ns;
    }
}

}  // namespace

Decoded decode_any_form(std::span<const std::byte> payload,
                        std::uint64_t arrival_ns,
                        std::span<Reading> out) noexcept {
    Survey survey{.out = out};
    const auto refuse = [&survey](DatagramRefusal why) {
        return Decoded{.refusal = why, .header = survey.header};
    };
    if (!walk_datagram(payload, survey)) {
        return refuse(DatagramRefusal::malformed);
    }
    if (!survey.columns_match()) {
        return refuse(DatagramRefusal::column_mismatch);
    }
    const std::size_t in_columns = survey.count(Column::values);
    const std::size_t total = in_columns + survey.rows;
    if (total > out.size()) {
        return refuse(DatagramRefusal::too_many_readings);
    }
    if (total == 0) {
        return refuse(DatagramRefusal::no_readings);
    }
    const std::uint64_t base_ns = survey.base_time_ns != 0 ? survey.base_time_ns : arrival_ns;
    if (survey.rows != 0) {
        place_rows(out, in_columns, survey.rows, base_ns);
    }
    if (in_columns != 0) {
        write_columns(survey, payload, base_ns);
    }
    return {
        .accepted = true, .readings = static_cast<std::uint32_t>(total), .header = survey.header};
}

}  // namespace roda::proto
