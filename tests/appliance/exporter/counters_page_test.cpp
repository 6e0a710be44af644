// SPDX-License-Identifier: Apache-2.0
// deploy/counters.md explains every series and every reason, and none that is not there.
// Found in $RODA_SOURCE_ROOT, or here when run by hand in the root of the source tree.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include "appliance/exporter/metrics.hpp"
#include "tests/appliance/exporter/sample.hpp"

namespace roda::appliance {
namespace {

using Words = std::set<std::string>;

std::ifstream open_page() {
    const char* const root = std::getenv("RODA_SOURCE_ROOT");
    std::ifstream page(std::string(root == nullptr ? "." : root) + "/deploy/counters.md");
    EXPECT_TRUE(page.is_open());
    return page;
}

/// Everything in `quotes of code`.
Words quoted_in(const std::string& text) {
    Words words;
    for (auto at = text.find('`'); at != std::string::npos;) {
        const auto end = text.find('`', at + 1);
        if (end == std::string::npos) {
            break;
        }
        const std::string word = text.substr(at + 1, end - at - 1);
        words.insert(word.substr(0, word.find('{')));
        at = text.find('`', end + 1);
    }
    return words;
}

Words quoted_on_page() {
    std::ifstream page = open_page();
    const std::string text(std::istreambuf_iterator<char>(page), {});
    return quoted_in(text);
}

/// What the rows of a section's last table are about.
Words rows_of(const std::string& title) {
    std::ifstream page = open_page();
    Words rows;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("## ")) {
            inside = line == "## " + title;
        } else if (inside && line.starts_with("| reason |")) {
            rows.clear();
        } else if (inside && line.starts_with("| `")) {
            rows.merge(quoted_in(line.substr(0, line.find('|', 1))));
        }
    }
    return rows;
}

template <std::size_t... counts>
Words all_of(const std::array<std::string_view, counts>&... names) {
    Words words;
    (words.insert(names.begin(), names.end()), ...);
    return words;
}

Words series_names() {
    const Metrics metrics(sample_config(), sample_status, [](ActiveAlerts& active) {
        active.apply(alert("jump", 417, Transition::firing));
        return std::uint64_t{0};
    });
    Words names;
    for (const prometheus::MetricFamily& family : metrics.Collect()) {
        names.insert(family.name);
    }
    return names;
}

TEST(CountersPage, ExplainsEverySeriesThatIsExported) {
    const Words quoted = quoted_on_page();
    for (const std::string& name : series_names()) {
        EXPECT_TRUE(quoted.contains(name)) << name;
    }
}

TEST(CountersPage, NamesNoSeriesThatIsNotExported) {
    const Words exported = series_names();
    for (const std::string& word : quoted_on_page()) {
        if (word.starts_with("roda_") && !word.starts_with("roda_answers_")) {
            EXPECT_TRUE(exported.contains(word)) << word;
        }
    }
}

TEST(CountersPage, ExplainsEveryReason) {
    EXPECT_EQ(rows_of("Frames"), all_of(proto::frame_refusal_names));
    EXPECT_EQ(rows_of("Fragments"), all_of(dpdk::fragment_drop_names));
    EXPECT_EQ(rows_of("Readings"), all_of(reading_refusal_names));
    Words datagrams = rows_of("Datagrams");
    std::erase_if(datagrams, [](const std::string& word) { return word.starts_with("roda_"); });
    EXPECT_EQ(datagrams, all_of(proto::datagram_refusal_names, admission_refusal_names));
    EXPECT_EQ(rows_of("The exception interface"), (Words{"passed", "no_room", "rejected"}));
}

}  // namespace
}  // namespace roda::appliance
