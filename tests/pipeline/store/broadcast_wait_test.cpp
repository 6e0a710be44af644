// SPDX-License-Identifier: Apache-2.0
// Readers in other processes that wait for records instead of asking again and again.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "pipeline/base/clock.hpp"
#include "pipeline/store/broadcast_journal.hpp"
#include "tests/pipeline/child_process.hpp"
#include "tests/pipeline/strict_process.hpp"
#include "tests/pipeline/temporary_directory.hpp"

namespace roda {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Stamped {
    std::uint64_t sent_ns;  // monotonic: the same clock in every process of a host
};

using StampedJournal = BroadcastJournal<Stamped>;
using Reader = BroadcastReader<Stamped>;

constexpr seconds patience(10);

class BroadcastWait : public ::testing::Test {
  protected:
    static void send(StampedJournal& journal) {
        journal.append({monotonic_now_ns()});
        journal.wake_readers();
    }

    /// Sleeps until the process is asleep in the kernel, as far as a little time can tell.
    static void give_time_to_fall_asleep() { std::this_thread::sleep_for(milliseconds(20)); }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("alerts");
    std::string wake_path_ = path_ + ".wake";
    JournalOptions options_{.capacity_records = 64};
};

// A reader that looks every 10 ms is 5 ms late on average.
TEST_F(BroadcastWait, SleepingProcessIsWokenAtOnce) {
    StampedJournal journal(path_, options_);
    constexpr int records = 101;
    ChildProcess waiting([&] {
        Reader reader(path_, 0, Reader::From::start);
        std::vector<std::uint64_t> late_ns;
        while (late_ns.size() < records) {
            Stamped record{};
            if (!reader.wait(patience) || reader.poll({&record, 1}).records != 1) {
                return 1;
            }
            late_ns.push_back(monotonic_now_ns() - record.sent_ns);
        }
        std::nth_element(late_ns.begin(), late_ns.begin() + records / 2, late_ns.end());
        return late_ns[records / 2] < 2'000'000 ? 0 : 2;
    });
    for (int i = 0; i < records; ++i) {
        std::this_thread::sleep_for(milliseconds(3));
        send(journal);
    }
    EXPECT_EQ(waiting.wait(), 0);
}

TEST_F(BroadcastWait, TellsRecordsFromTimeOut) {
    StampedJournal journal(path_, options_);
    Reader reader(path_, 0, Reader::From::head);
    EXPECT_TRUE(reader.has_bell());
    const std::uint64_t began_ns = monotonic_now_ns();
    EXPECT_FALSE(reader.wait(milliseconds(20)));
    EXPECT_GE(monotonic_now_ns() - began_ns, 20'000'000u);
    send(journal);
    EXPECT_TRUE(reader.wait(milliseconds(0)));
    EXPECT_TRUE(reader.wait(milliseconds(0))) << "it was not read";
}

TEST_F(BroadcastWait, WriterMakesNoSystemCallWhileNobodySleeps) {
    StampedJournal journal(path_, options_);
    Reader polling(path_, 0, Reader::From::start);
    EXPECT_TRUE(polling.has_bell());
    EXPECT_TRUE(makes_no_system_call([&](const auto& become_strict) {
        become_strict();
        for (std::uint64_t i = 0; i < 100'000; ++i) {
            journal.append({i});
            journal.wake_readers();
        }
    }));
    Stamped record{};
    EXPECT_EQ(polling.poll({&record, 1}).missed, 100'000u - 64u);
}

TEST_F(BroadcastWait, WithoutTheWakeFileReadersNapAndMissNothing) {
    StampedJournal journal(path_, options_);
    std::filesystem::remove(wake_path_);
    Reader reader(path_, 0, Reader::From::head);
    EXPECT_FALSE(reader.has_bell());
    EXPECT_FALSE(reader.wait(milliseconds(5)));
    std::thread writer([&] {
        give_time_to_fall_asleep();
        send(journal);
    });
    EXPECT_TRUE(reader.wait(patience));
    writer.join();
}

TEST_F(BroadcastWait, NapsForEverWhenToldTo) {
    StampedJournal journal(path_, options_);
    std::filesystem::remove(wake_path_);
    Reader reader(path_, 0, Reader::From::head);
    std::thread writer([&] {
        give_time_to_fall_asleep();
        send(journal);
    });
    EXPECT_TRUE(reader.wait(std::chrono::nanoseconds::max()));
    writer.join();
}

TEST_F(BroadcastWait, WakeFileThatCannotBeMadeLeavesNothingBehind) {
    std::filesystem::create_directories(wake_path_ + "/in_its_place");
    EXPECT_THROW(StampedJournal(path_, options_), StartupError);
    EXPECT_FALSE(std::filesystem::exists(wake_path_ + ".new"));
}

TEST_F(BroadcastWait, SleepersOfADeadWriterHearTheNextOne) {
    ChildProcess first([&] {
        StampedJournal journal(path_, options_);
        send(journal);
        std::ofstream{directory_.file("sent")};
        ::pause();
        return 0;
    });
    while (!std::filesystem::exists(directory_.file("sent"))) {
        std::this_thread::yield();
    }
    Reader reader(path_, 0, Reader::From::start);
    Stamped record{};
    ASSERT_TRUE(reader.wait(patience));
    ASSERT_EQ(reader.poll({&record, 1}).records, 1u);
    first.kill();
    first.wait();
    bool heard = false;
    std::thread sleeper([&] { heard = reader.wait(patience); });
    give_time_to_fall_asleep();
    const std::uint64_t began_ns = monotonic_now_ns();
    StampedJournal second(path_, options_);
    send(second);
    sleeper.join();
    EXPECT_TRUE(heard);
    EXPECT_LT(monotonic_now_ns() - began_ns, 5'000'000'000u);
}

TEST_F(BroadcastWait, ReaderFindsTheBellOfTheNextWriterWhenTheFileWasLost) {
    { StampedJournal journal(path_, options_); }
    Reader reader(path_, 0, Reader::From::start);
    ASSERT_TRUE(reader.has_bell());
    std::filesystem::remove(wake_path_);
    StampedJournal journal(path_, options_);
    EXPECT_FALSE(reader.wait(milliseconds(1)));
    bool heard = false;
    std::uint64_t late_ns = 0;
    std::thread sleeper([&] {
        heard = reader.wait(patience);
        late_ns = monotonic_now_ns();
    });
    give_time_to_fall_asleep();
    const std::uint64_t began_ns = monotonic_now_ns();
    send(journal);
    sleeper.join();
    EXPECT_TRUE(heard);
    EXPECT_LT(late_ns - began_ns, 5'000'000'000u);
}

TEST_F(BroadcastWait, WakeFileIsForItsOwnerAndGroupAlone) {
    const StampedJournal journal(path_, options_);

    struct stat status {};

    ASSERT_EQ(::stat(wake_path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0007u, 0u);
    EXPECT_EQ(status.st_size, 4096);
    EXPECT_FALSE(std::filesystem::exists(wake_path_ + ".new"));
}

TEST_F(BroadcastWait, FileThatIsNoWakeFileIsReplaced) {
    const std::string elsewhere = directory_.file("elsewhere");
    std::ofstream(elsewhere) << std::string(4096, 'x');
    std::filesystem::create_symlink(elsewhere, wake_path_);
    {
        const StampedJournal journal(path_, options_);
        EXPECT_FALSE(std::filesystem::is_symlink(wake_path_));
        EXPECT_TRUE(Reader(path_, 0, Reader::From::start).has_bell());
    }
    std::ofstream(wake_path_) << "short";
    EXPECT_FALSE(Reader(path_, 0, Reader::From::start).has_bell());
    const StampedJournal journal(path_, options_);
    EXPECT_TRUE(Reader(path_, 0, Reader::From::start).has_bell());
    std::string first;
    std::ifstream(elsewhere) >> first;
    EXPECT_EQ(first, std::string(4096, 'x')) << "written through a link";
}

}  // namespace
}  // namespace roda
