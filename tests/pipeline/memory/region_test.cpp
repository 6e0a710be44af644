// SPDX-License-Identifier: Apache-2.0
#include "pipeline/memory/region.hpp"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "pipeline/base/error.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t huge_page_bytes = 2u << 20;

bool is_zeroed(const Region& region) {
    return std::all_of(region.data(), region.data() + region.bytes(), [](std::byte byte) {
        return byte == std::byte{0};
    });
}

std::uintptr_t address_of(const Region& region) {
    return reinterpret_cast<std::uintptr_t>(region.data());
}

template <class Body>
std::string startup_error_of(const Body& body) {
    try {
        body();
    } catch (const StartupError& error) {
        return error.what();
    }
    return "no StartupError";
}

TEST(AnonymousRegion, SmallOneIsZeroedAlignedAndOnSmallPages) {
    const Region region = Region::anonymous(5000);
    EXPECT_EQ(region.bytes(), 2 * page_bytes);
    EXPECT_EQ(address_of(region) % page_bytes, 0u);
    EXPECT_EQ(region.pages(), Pages::small);
    EXPECT_FALSE(region.existing());
    EXPECT_TRUE(is_zeroed(region));
}

TEST(AnonymousRegion, LargeOneIsZeroedAndAlignedToAHugePage) {
    const Region region = Region::anonymous(3u << 20);
    EXPECT_EQ(region.bytes(), 2 * huge_page_bytes);
    EXPECT_EQ(address_of(region) % huge_page_bytes, 0u);
    EXPECT_TRUE(is_zeroed(region));
}

TEST(AnonymousRegion, IsAllThereBeforeItIsUsed) {
    const Region region = Region::anonymous(16u << 20);
    std::vector<unsigned char> resident(region.bytes() / page_bytes);
    ASSERT_EQ(::mincore(region.data(), region.bytes(), resident.data()), 0);
    EXPECT_TRUE(std::ranges::all_of(resident, [](unsigned char page) { return (page & 1) != 0; }))
        << pages_name(region.pages());
}

TEST(AnonymousRegion, WithoutMemorySaysHowMuchWasAskedFor) {
    EXPECT_EQ(startup_error_of([] { Region::anonymous(std::size_t{1} << 60); }),
              "region: no memory for 1152921504606846976 bytes: Cannot allocate memory (lower the "
              "journal or key capacities, or add memory)");
}

TEST(AnonymousRegion, MoveLeavesOneOwner) {
    Region first = Region::anonymous(page_bytes);
    std::byte* const data = first.data();
    Region second = std::move(first);
    EXPECT_EQ(second.data(), data);
    first = Region::anonymous(page_bytes);  // NOLINT(bugprone-use-after-move): assigned anew
    second = std::move(first);
    second.data()[0] = std::byte{1};
}

/// What the kernel counts as locked by this process, without hugetlbfs pages.
std::size_t locked_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        unsigned long kilobytes = 0;
        if (std::sscanf(line.c_str(), "VmLck: %lu kB", &kilobytes) == 1) {
            return kilobytes * 1024;
        }
    }
    ADD_FAILURE() << "no VmLck in /proc/self/status";
    return 0;
}

bool may_lock(std::size_t bytes) {
    void* page = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool locked = ::mlock2(page, bytes, 0) == 0;
    ::munmap(page, bytes);
    return locked;
}

/// From here on this process may lock no page, whoever runs it.
void forbid_locking() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_MEMLOCK, &none);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct capabilities[2]{};
    ::syscall(SYS_capget, &header, capabilities);
    capabilities[CAP_TO_INDEX(CAP_IPC_LOCK)].effective &= ~CAP_TO_MASK(CAP_IPC_LOCK);
    ::syscall(SYS_capset, &header, capabilities);
}

TEST(LockedRegion, IsCountedAsLockedByTheKernel) {
    constexpr std::size_t bytes = 16 * page_bytes;
    if (!may_lock(2 * bytes)) {
        GTEST_SKIP() << "RLIMIT_MEMLOCK allows less than " << 2 * bytes << " bytes";
    }
    const TemporaryDirectory directory;
    const std::size_t before = locked_bytes();
    {
        const Region anonymous = Region::anonymous(bytes);
        EXPECT_TRUE(anonymous.locked());
        EXPECT_EQ(locked_bytes() - before, bytes);
        const Region file = Region::shared_file(directory.file("journal"), bytes);
        EXPECT_TRUE(file.locked());
        EXPECT_EQ(locked_bytes() - before, 2 * bytes);
        const Region reader = Region::attach_read_only(directory.file("journal"));
        EXPECT_FALSE(reader.locked());
        EXPECT_EQ(locked_bytes() - before, 2 * bytes);
    }
    EXPECT_EQ(locked_bytes(), before);
}

TEST(LockedRegion, OnHugepagesNeedsNoLock) {
    const std::size_t before = locked_bytes();
    const Region region = Region::anonymous(huge_page_bytes);
    if (region.pages() != Pages::huge) {
        GTEST_SKIP() << "no hugetlbfs pages to be had (vm.nr_overcommit_hugepages)";
    }
    EXPECT_TRUE(region.locked());
    EXPECT_EQ(locked_bytes(), before);
}

TEST(LockedRegion, WorksUnlockedWhereLockingIsForbidden) {
    const TemporaryDirectory directory;
    ChildProcess unprivileged([&] {
        forbid_locking();
        Region anonymous = Region::anonymous(16 * page_bytes);
        Region file = Region::shared_file(directory.file("journal"), 16 * page_bytes);
        const bool zeroed = is_zeroed(anonymous) && is_zeroed(file);
        anonymous.data()[15 * page_bytes] = std::byte{1};
        file.data()[15 * page_bytes] = std::byte{1};
        const bool unlocked = !anonymous.locked() && !file.locked() && locked_bytes() == 0;
        return zeroed && unlocked ? 0 : 1;
    });
    EXPECT_EQ(unprivileged.wait(), 0);
}

TEST(LockedRegion, MoveTakesTheLockAlong) {
    Region first = Region::anonymous(page_bytes);
    const bool locked = first.locked();
    const Region second = std::move(first);
    EXPECT_EQ(second.locked(), locked);
}

TEST(PagesName, IsWhatAnOperatorReads) {
    EXPECT_EQ(pages_name(Pages::small), "4 KiB pages");
    EXPECT_EQ(pages_name(Pages::transparent_huge), "transparent hugepages");
    EXPECT_EQ(pages_name(Pages::huge), "2 MiB hugepages");
}

class SharedFile : public ::testing::Test {
  protected:
    TemporaryDirectory directory_;
    std::string path_ = directory_.file("journal");
};

TEST_F(SharedFile, IsCreatedZeroedAndRoundedToPages) {
    const Region region = Region::shared_file(path_, 5000);
    EXPECT_EQ(region.bytes(), 2 * page_bytes);
    EXPECT_FALSE(region.existing());
    EXPECT_TRUE(is_zeroed(region));

    struct stat status {};

    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(static_cast<std::size_t>(status.st_size), 2 * page_bytes);
    EXPECT_EQ(status.st_mode & 0777u, 0644u);
}

TEST_F(SharedFile, KeepsItsContentWhenOpenedAgain) {
    {
        Region region = Region::shared_file(path_, page_bytes);
        std::memcpy(region.data() + 100, "kept", 4);
    }
    const Region again = Region::shared_file(path_, page_bytes);
    EXPECT_TRUE(again.existing());
    EXPECT_EQ(std::memcmp(again.data() + 100, "kept", 4), 0);
}

TEST_F(SharedFile, OfAnotherSizeIsReplacedWhileOldMappingsStayReadable) {
    {
        Region region = Region::shared_file(path_, 4 * page_bytes);
        std::memcpy(region.data(), "old", 3);
        std::memcpy(region.data() + 3 * page_bytes, "old", 3);
    }
    const Region reader = Region::attach_read_only(path_);
    const Region replaced = Region::shared_file(path_, page_bytes);
    EXPECT_FALSE(replaced.existing());
    EXPECT_TRUE(is_zeroed(replaced));
    EXPECT_EQ(std::filesystem::file_size(path_), page_bytes);
    EXPECT_EQ(std::memcmp(reader.data(), "old", 3), 0);
    EXPECT_EQ(std::memcmp(reader.data() + 3 * page_bytes, "old", 3), 0);
}

TEST_F(SharedFile, RefusesASecondWriterOfTheSameProcess) {
    const Region region = Region::shared_file(path_, page_bytes);
    const std::string expected =
        path_ +
        ": another process writes this file (stop it, or give this one another instance name)";
    EXPECT_EQ(startup_error_of([&] { Region::shared_file(path_, page_bytes); }), expected);
    // Neither may one that wants another size pull the file away.
    EXPECT_EQ(startup_error_of([&] { Region::shared_file(path_, 2 * page_bytes); }), expected);
}

TEST_F(SharedFile, RefusesASecondWriterUntilTheFirstIsKilled) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    ChildProcess holder([&] {
        const Region region = Region::shared_file(path_, page_bytes);
        (void)!::write(ready[1], "x", 1);
        ::pause();
        return 0;
    });
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_THROW(Region::shared_file(path_, page_bytes), StartupError);
    holder.kill();
    EXPECT_EQ(holder.wait(), -SIGKILL);
    EXPECT_TRUE(Region::shared_file(path_, page_bytes).existing());
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_F(SharedFile, SaysWhatItCannotOpen) {
    EXPECT_EQ(startup_error_of([&] { Region::shared_file(path_ + "/x/y", page_bytes); }),
              path_ +
                  "/x/y: cannot open: No such file or directory (check the directory's "
                  "permissions)");
}

TEST_F(SharedFile, WithoutRoomForItIsAnErrorAndNotASignal) {
    const std::string error =
        startup_error_of([&] { Region::shared_file(path_, std::size_t{1} << 52); });
    EXPECT_EQ(error.rfind(path_ + ": no room for the file: ", 0), 0u) << error;
    EXPECT_FALSE(std::filesystem::exists(path_)) << "nothing is left of it";
}

TEST_F(SharedFile, ReaderSeesWhatTheWriterStores) {
    Region writer = Region::shared_file(path_, page_bytes);
    const Region reader = Region::attach_read_only(path_);
    EXPECT_TRUE(reader.existing());
    EXPECT_EQ(reader.bytes(), page_bytes);
    std::memcpy(writer.data(), "seen", 4);
    EXPECT_EQ(std::memcmp(reader.data(), "seen", 4), 0);
}

TEST_F(SharedFile, ReaderCannotWrite) {
    const Region writer = Region::shared_file(path_, page_bytes);
    const Region reader = Region::attach_read_only(path_);
    ChildProcess culprit([&] {
        *reader.data() = std::byte{1};
        return 0;
    });
    EXPECT_EQ(culprit.wait(), -SIGSEGV);
}

TEST_F(SharedFile, ReaderOfAMissingFileIsToldSo) {
    EXPECT_EQ(startup_error_of([&] { Region::attach_read_only(path_); }),
              path_ + ": cannot open: No such file or directory (is its writer running?)");
}

TEST_F(SharedFile, ReaderOfAnEmptyFileIsToldSo) {
    std::ofstream(path_).flush();
    EXPECT_EQ(startup_error_of([&] { Region::attach_read_only(path_); }),
              path_ + ": truncated: the file has 0 bytes (is its writer running?)");
}

TEST_F(SharedFile, ReaderOfWhatIsNoFileIsToldSoAndDoesNotWait) {
    const std::string pipe = directory_.file("pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0644), 0);
    for (const std::string& path : {pipe, directory_.file("")}) {
        EXPECT_EQ(startup_error_of([&] { Region::attach_read_only(path); }),
                  path + ": not a regular file (give the path of the file itself)");
    }
}

}  // namespace
}  // namespace roda
