// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/placement.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <filesystem>
#include <fstream>
#include <vector>

#include "pipeline/base/error.hpp"
#include "tests/pipeline/engine/host.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

/// Two nodes of two cores; core 3 is not ours.
const CoreMap two_nodes{.node_of = {{0, 0}, {1, 0}, {2, 1}, {3, 1}}, .allowed = {0, 1, 2}};

std::string faults_of(const std::vector<CoreRequest>& requests,
                      bool cross_node = false,
                      const CoreMap& cores = two_nodes) {
    try {
        check_placement(requests, cross_node, cores);
        return {};
    } catch (const StartupError& error) {
        return error.what();
    }
}

std::string message(const std::string& faults) {
    return "cores of the workers: " + faults +
           " (choose of those in `taskset -cp $$`, each once, on one NUMA node (`lscpu -e`), or "
           "leave the cores out)";
}

TEST(Placement, DistinctAllowedCoresOfOneNodeAreFine) {
    EXPECT_EQ(faults_of({{"a", 0}, {"b", 1}}), "");
    EXPECT_EQ(faults_of({}), "");
}

TEST(Placement, CoreMustExist) {
    EXPECT_EQ(faults_of({{"a", 4}}), message("a: core 4 does not exist"));
}

TEST(Placement, CoreMustBeAllowed) {
    EXPECT_EQ(faults_of({{"a", 3}}), message("a: core 3 is not allowed to this process"));
}

TEST(Placement, CoresMustBeDistinct) {
    EXPECT_EQ(faults_of({{"a", 1}, {"b", 1}}), message("b: core 1 is a's already"));
}

TEST(Placement, CoresMustLieOnOneNodeUnlessCrossingIsAllowed) {
    EXPECT_EQ(faults_of({{"a", 1}, {"b", 2}}),
              message("b: core 2 lies on NUMA node 1, a on node 0"));
    EXPECT_EQ(faults_of({{"a", 1}, {"b", 2}}, true), "");
}

TEST(Placement, AllFaultsComeAtOnce) {
    EXPECT_EQ(
        faults_of({{"a", 9}, {"b", 1}, {"c", 1}, {"d", 3}}),
        message("a: core 9 does not exist; c: core 1 is b's already; d: core 3 is not allowed "
                "to this process; d: core 3 lies on NUMA node 1, b on node 0"));
}

TEST(Placement, WithoutNodesOnlyTheAllowedCoresCount) {
    const CoreMap unknown{.node_of = {}, .allowed = {0, 2}};
    EXPECT_EQ(faults_of({{"a", 0}, {"b", 2}}, false, unknown), "");
    EXPECT_EQ(faults_of({{"a", 5}}, false, unknown),
              message("a: core 5 is not allowed to this process"));
}

TEST(CoreMap, ReadsTheKernelsListOfEachNode) {
    const TemporaryDirectory directory;
    const std::filesystem::path root = directory.file("node");
    const auto write = [&](const char* folder, const char* list) {
        std::filesystem::create_directories(root / folder);
        std::ofstream(root / folder / "cpulist") << list << '\n';
    };
    write("node0", "0-2,8");
    write("node1", "3,10-11");
    write("node2", "");          // memory only
    write("power", "5");         // no node
    write("nodes_online", "6");  // nor this
    EXPECT_EQ(CoreMap::of_this_host(root).node_of,
              (std::map<std::uint32_t, std::uint32_t>{
                  {0, 0}, {1, 0}, {2, 0}, {8, 0}, {3, 1}, {10, 1}, {11, 1}}));
}

TEST(CoreMap, KernelWithoutNodesHasNone) {
    EXPECT_TRUE(CoreMap::of_this_host("/nowhere").node_of.empty());
}

TEST(CoreMap, ThreadThatPinnedItselfTakesNoCoreFromTheOthers) {
    const auto before = CoreMap::of_this_host().allowed;
    ASSERT_FALSE(before.empty());
    const OnCore scope(*before.begin());
    EXPECT_EQ(CoreMap::of_this_host().allowed, before);
}

std::vector<bool> own_affinity() {
    cpu_set_t own;
    CPU_ZERO(&own);
    ::pthread_getaffinity_np(::pthread_self(), sizeof(own), &own);
    std::vector<bool> cores;
    for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
        cores.push_back(CPU_ISSET(core, &own));
    }
    return cores;
}

TEST(OnCore, MovesTheThreadAndPutsItBack) {
    const std::uint32_t core = *CoreMap::of_this_host().allowed.rbegin();
    const std::vector<bool> before = own_affinity();
    {
        const OnCore scope(core);
        EXPECT_EQ(::sched_getcpu(), static_cast<int>(core));
        std::vector<bool> only(CPU_SETSIZE, false);
        only[core] = true;
        EXPECT_EQ(own_affinity(), only);
    }
    EXPECT_EQ(own_affinity(), before);
}

TEST(OnCore, WithoutACoreDoesNothing) {
    const std::vector<bool> before = own_affinity();
    const OnCore scope(std::nullopt);
    EXPECT_EQ(own_affinity(), before);
}

}  // namespace
}  // namespace roda
