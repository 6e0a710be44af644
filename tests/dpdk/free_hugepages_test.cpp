// SPDX-License-Identifier: Apache-2.0
// Nodes as /sys shows them, in a directory of our own.
#include "dpdk/free_hugepages.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace roda::dpdk {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr unsigned small_shift = 21;
constexpr unsigned large_shift = 30;

class FreeHugepages : public testing::Test {
  protected:
    ~FreeHugepages() override { std::filesystem::remove_all(nodes_); }

    void free_pages(const std::string& node, const std::string& size, int pages) const {
        const auto directory = nodes_ / node / "hugepages" / ("hugepages-" + size);
        std::filesystem::create_directories(directory);
        std::ofstream(directory / "free_hugepages") << pages << '\n';
    }

    bool counts(std::size_t bytes, unsigned shift) const {
        return eal_counts_enough(nodes_, bytes, shift);
    }

    const std::filesystem::path nodes_ =
        std::filesystem::temp_directory_path() / ("roda_nodes_" + std::to_string(::getpid()));
};

TEST_F(FreeHugepages, WithoutAnyFreeTheOvercommittedCount) {
    EXPECT_TRUE(counts(128 * mebibyte, small_shift)) << "no directory at all";
    free_pages("node0", "2048kB", 0);
    EXPECT_TRUE(counts(128 * mebibyte, small_shift));
}

TEST_F(FreeHugepages, AFewFreeHideTheOvercommitted) {
    free_pages("node0", "2048kB", 2);
    EXPECT_FALSE(counts(128 * mebibyte, small_shift));
    EXPECT_TRUE(counts(4 * mebibyte, small_shift));
    EXPECT_FALSE(counts(4 * mebibyte + 1, small_shift));
}

TEST_F(FreeHugepages, NodesAddUpAndSizesAreApart) {
    free_pages("node0", "2048kB", 40);
    free_pages("node1", "2048kB", 24);
    free_pages("node0", "1048576kB", 0);
    free_pages("other", "2048kB", 100);
    EXPECT_TRUE(counts(128 * mebibyte, small_shift));
    EXPECT_FALSE(counts(130 * mebibyte, small_shift));
    EXPECT_TRUE(counts(130 * mebibyte, large_shift));
}

}  // namespace
}  // namespace roda::dpdk
