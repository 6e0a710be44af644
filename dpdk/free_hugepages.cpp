// SPDX-License-Identifier: Apache-2.0
#include "dpdk/free_hugepages.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <system_error>

namespace roda::dpdk {

bool eal_counts_enough(const std::filesystem::path& nodes, std::size_t bytes, unsigned page_shift) {
    const std::size_t page = std::size_t{1} << page_shift;
    const std::string kilobytes = std::to_string(page / 1024);
    const auto file =
        std::filesystem::path("hugepages") / ("hugepages-" + kilobytes + "kB") / "free_hugepages";
    std::uint64_t pages = 0;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(nodes, failure)) {
        if (entry.path().filename().string().starts_with("node")) {
            std::uint64_t free = 0;
            std::ifstream(entry.path() / file) >> free;
            pages += free;
        }
    }
    return pages == 0 || pages >= (bytes + page - 1) / page;
}

}  // namespace roda::dpdk
