// SPDX-License-Identifier: Apache-2.0
#include "appliance/rules/csv_rows.hpp"

#include <csv.h>

#include <algorithm>
#include <exception>
#include <new>

namespace roda::appliance {

namespace {

/// Feeds libcsv up to one delimiter at a time: so the place of each field that it gives back is
/// known, which libcsv does not tell.
class CsvFeed {
  public:
    explicit CsvFeed(const CsvReceiver& receiver) : receiver_(receiver) {
        csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
    }

    ~CsvFeed() { csv_free(&parser_); }

    CsvFeed(const CsvFeed&) = delete;
    CsvFeed& operator=(const CsvFeed&) = delete;

    CsvFault read(std::string_view text) {
        int error = CSV_SUCCESS;
        while (!text.empty() && error == CSV_SUCCESS) {
            const std::size_t end = std::min(text.find_first_of(",\n"), text.size() - 1) + 1;
            error = feed(text.substr(0, end));
            text.remove_prefix(end);
        }
        if (error == CSV_SUCCESS && csv_fini(&parser_, take_field, take_row, this) != 0) {
            error = csv_error(&parser_);
        }
        if (thrown_) {
            std::rethrow_exception(thrown_);
        }
        switch (error) {
            case CSV_SUCCESS:
                return {};
            case CSV_EPARSE:
                return {begin_,
                        "the quotes do not match, put the whole field in quotes and double "
                        "those within it"};
            default:
                throw std::bad_alloc();
        }
    }

  private:
    int feed(std::string_view piece) {
        const bool is_blank = piece.find_first_not_of(" \t\r\n") == std::string_view::npos;
        const bool at_begin = begin_.line == here_.line && begin_.column == here_.column;
        ended_ = false;
        if (csv_parse(&parser_, piece.data(), piece.size(), take_field, take_row, this) !=
            piece.size()) {
            return csv_error(&parser_);
        }
        if (piece.back() == '\n') {
            here_ = {here_.line + 1, 1};
        } else {
            here_.column += static_cast<int>(piece.size());
        }
        if (ended_ || (is_blank && at_begin)) {
            begin_ = here_;
        }
        return thrown_ ? CSV_ENOMEM : CSV_SUCCESS;
    }

    // An exception must not pass through C.
    template <typename Call>
    void guard(const Call& call) noexcept {
        if (thrown_) {
            return;
        }
        try {
            call();
        } catch (...) {
            thrown_ = std::current_exception();
        }
    }

    static void take_field(void* field, std::size_t bytes, void* self) {
        auto& feed = *static_cast<CsvFeed*>(self);
        feed.ended_ = true;
        if (!feed.in_row_) {
            feed.row_ = feed.begin_;
            feed.in_row_ = true;
        }
        feed.guard([&] {
            feed.receiver_.on_field({static_cast<const char*>(field), bytes}, feed.begin_);
        });
    }

    static void take_row(int, void* self) {
        auto& feed = *static_cast<CsvFeed*>(self);
        feed.in_row_ = false;
        feed.guard([&] { feed.receiver_.on_row(feed.row_); });
    }

    const CsvReceiver& receiver_;
    csv_parser parser_{};
    Position here_;   // of the next piece
    Position begin_;  // of the field under way
    Position row_;
    bool ended_ = false;
    bool in_row_ = false;
    std::exception_ptr thrown_;
};

}  // namespace

CsvFault read_csv(std::string_view text, const CsvReceiver& receiver) {
    return CsvFeed(receiver).read(text);
}

}  // namespace roda::appliance
