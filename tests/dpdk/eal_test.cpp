// SPDX-License-Identifier: Apache-2.0
#include "dpdk/eal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>

#include <csignal>

#include "dpdk/network_namespace.hpp"
#include "pipeline/base/error.hpp"
#include "tests/dpdk/eal_environment.hpp"

namespace roda::dpdk {
namespace {

using test::EalEnvironment;

ino_t network_of_this_thread() {
    struct stat status {};

    EXPECT_EQ(::stat("/proc/thread-self/ns/net", &status), 0);
    return status.st_ino;
}

std::string error_of(const std::string& network) {
    try {
        const NetworkNamespace scope(network);
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no error";
}

cpu_set_t affinity_at_start() {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    return set;
}

const cpu_set_t cpus_before = affinity_at_start();  // before main(), so before the Eal

TEST(Eal, RunsOnSmallPagesWhereHugepagesAreNotWanted) {
    EXPECT_EQ(EalEnvironment::eal().memory(), "4 KiB pages");
}

TEST(Eal, LeavesTheMainThreadOnItsCpus) {
    const cpu_set_t now = affinity_at_start();
    EXPECT_TRUE(CPU_EQUAL(&now, &cpus_before));
}

TEST(Eal, LeavesNoFileEvenWhileItRuns) {
    EXPECT_FALSE(std::filesystem::exists(EalEnvironment::runtime_path()));
}

TEST(Eal, RealTimeSignalsNeitherInterruptNorKill) {
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
        struct sigaction action {};

        ASSERT_EQ(::sigaction(signal, nullptr, &action), 0);
        EXPECT_EQ(action.sa_handler, SIG_IGN) << signal;
    }
}

TEST(Eal, KeepsTheReasonOfADeviceThatDidNotStart) {
    EXPECT_THAT(EalEnvironment::eal().startup_log(), testing::HasSubstr("missing.pcap"));
}

TEST(Eal, RefusesToStartTwice) {
    try {
        const Eal second({});
        FAIL() << "started";
    } catch (const StartupError& error) {
        EXPECT_STREQ(error.what(),
                     "DPDK environment layer: already started once in this process (one Eal per "
                     "process, for its whole life)");
    }
}

TEST(NetworkNamespace, EmptyNameStaysAtHome) {
    const auto home = network_of_this_thread();
    const NetworkNamespace scope("");
    EXPECT_EQ(network_of_this_thread(), home);
}

TEST(NetworkNamespace, IsEnteredAndLeft) {
    if (EalEnvironment::network().empty()) {
        GTEST_SKIP() << EalEnvironment::why_no_network();
    }
    const auto home = network_of_this_thread();
    {
        const NetworkNamespace scope(EalEnvironment::network());
        EXPECT_NE(network_of_this_thread(), home);
    }
    EXPECT_EQ(network_of_this_thread(), home);
}

TEST(NetworkNamespace, MissingNameSaysHowToMakeIt) {
    const auto home = network_of_this_thread();
    EXPECT_EQ(error_of("roda_nowhere"),
              "network namespace roda_nowhere: cannot be entered: No such file or directory (ip "
              "netns add roda_nowhere)");
    EXPECT_EQ(error_of("../mnt"),
              "network namespace ../mnt: cannot be entered: Invalid argument (is it a name of `ip "
              "netns list`?)");
    EXPECT_EQ(network_of_this_thread(), home);
}

}  // namespace
}  // namespace roda::dpdk
