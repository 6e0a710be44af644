// SPDX-License-Identifier: Apache-2.0
// Recordings of several queues, while their workers go on; and of a port.
#include "dpdk/recorder/recording.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "dpdk/port.hpp"
#include "dpdk/recorder/frame_recorder.hpp"
#include "dpdk/recorder/pcapng.hpp"
#include "tests/dpdk/recorder/mbufs.hpp"

namespace roda::dpdk {
namespace {

using Bytes = std::vector<std::byte>;
using test::EalEnvironment;
using test::MbufPool;
using namespace std::chrono_literals;

class RecordingTest : public testing::Test {
  protected:
    ~RecordingTest() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string& name) const { return directory_ / name; }

    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            names.push_back(entry.path().filename());
        }
        return names;
    }

    static Bytes bytes_of(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto bytes = std::as_bytes(std::span(text));
        return {bytes.begin(), bytes.end()};
    }

  private:
    static std::filesystem::path make_directory() {
        auto pattern = (std::filesystem::temp_directory_path() / "roda_recording_XXXXXX").string();
        return ::mkdtemp(pattern.data());
    }

    const std::filesystem::path directory_ = make_directory();
};

// What a test expects of a file: the format itself is pcapng_test's.
class Expected {
  public:
    Expected(const std::string& comment, const std::vector<std::string>& queues) {
        blocks_.begin("roda", comment);
        for (const auto& queue : queues) {
            blocks_.add_interface(queue);
        }
    }

    Expected& frame(std::uint32_t queue, std::uint64_t time_ns, std::span<const std::byte> bytes) {
        blocks_.add_frame(queue, time_ns, static_cast<std::uint32_t>(bytes.size()), {&bytes, 1});
        return *this;
    }

    Expected& frame(std::uint32_t queue, std::uint64_t number) {
        return frame(queue, number, test::content(number));
    }

    Bytes bytes() const { return {blocks_.bytes().begin(), blocks_.bytes().end()}; }

  private:
    PcapngBlocks blocks_;
};

void keep(FrameRecorder& recorder, rte_mbuf* mbuf, std::uint64_t time_ns) {
    recorder.keep({&mbuf, 1}, {&time_ns, 1});
}

// Calls `turn` until it is destroyed: what a worker does.
class Worker {
  public:
    explicit Worker(std::function<void()> turn)
        : thread_([this, turn = std::move(turn)] {
              while (!ending_.load()) {
                  turn();
              }
          }) {}

    ~Worker() {
        ending_.store(true);
        thread_.join();
    }

  private:
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

TEST_F(RecordingTest, HasTheFramesOfAllQueuesInTheOrderOfTheirTimes) {
    MbufPool pool(64);
    FrameRecorder left("left", 8, 8);
    FrameRecorder right("right", 8, 8);
    for (const std::uint64_t number : {1u, 4u, 5u}) {
        keep(left, pool.frame(number), number);
    }
    for (const std::uint64_t number : {2u, 3u, 5u, 6u}) {
        keep(right, pool.frame(number), number);
    }
    const std::array<FrameRecorder*, 2> recorders = {&left, &right};
    const Worker worker([&] {
        left.attend();
        right.attend();
    });
    const auto result = write_recording(recorders, path("a"), "test", 10s);
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(result.frames, 7u);
    EXPECT_EQ(result.queues_absent, 0u);
    EXPECT_EQ(files(), std::vector<std::string>{"a"});
    EXPECT_EQ(bytes_of(path("a")),
              Expected("test", {"left", "right"})
                  .frame(0, 1)
                  .frame(1, 2)
                  .frame(1, 3)
                  .frame(0, 4)
                  .frame(0, 5)
                  .frame(1, 5)
                  .frame(1, 6)
                  .bytes());
    EXPECT_EQ(pool.out(), 0u);
}

TEST_F(RecordingTest, HasAFrameOfSeveralBuffersWhole) {
    MbufPool pool(64);
    FrameRecorder recorder("q", 8, 8);
    keep(recorder, pool.long_frame(7, 8), 7);
    const Worker worker([&] { recorder.attend(); });
    FrameRecorder* const recorders = &recorder;
    EXPECT_EQ(write_recording({&recorders, 1}, path("a"), "", 10s).error, "");
    Bytes whole;
    for (const std::uint64_t number : {7u, 8u}) {
        const auto half = test::content(number);
        whole.insert(whole.end(), half.begin(), half.end());
    }
    EXPECT_EQ(bytes_of(path("a")), Expected("", {"q"}).frame(0, 7, whole).bytes());
    EXPECT_EQ(pool.out(), 0u);
}

TEST_F(RecordingTest, LeavesOutAQueueWhoseWorkerDoesNotAnswer) {
    MbufPool pool(64);
    FrameRecorder busy("busy", 8, 8);
    FrameRecorder stuck("stuck", 8, 8);
    keep(busy, pool.frame(1), 1);
    keep(stuck, pool.frame(2), 2);
    const std::array<FrameRecorder*, 2> recorders = {&stuck, &busy};
    const Worker worker([&] { busy.attend(); });
    const auto result = write_recording(recorders, path("a"), "", 20ms);
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(result.queues_absent, 1u);
    EXPECT_EQ(bytes_of(path("a")), Expected("", {"stuck", "busy"}).frame(1, 1).bytes());

    const auto nobody = write_recording({recorders.data(), 1}, path("b"), "", 1ms);
    EXPECT_EQ(nobody.error, "no worker handed its frames over");
    EXPECT_EQ(files(), std::vector<std::string>{"a"});
    EXPECT_EQ(stuck.frames(), 1u);
}

TEST_F(RecordingTest, ThatCannotBeWrittenGivesTheBuffersBackAndLeavesNothing) {
    MbufPool pool(64);
    FrameRecorder recorder("q", 8, 8);
    keep(recorder, pool.frame(1), 1);
    FrameRecorder* const recorders = &recorder;
    {
        const Worker worker([&] { recorder.attend(); });
        const auto result = write_recording({&recorders, 1}, path("no/such"), "", 10s);
        EXPECT_EQ(result.error, "No such file or directory");
        EXPECT_EQ(result.frames, 0u);
    }
    EXPECT_EQ(pool.out(), 0u);
    keep(recorder, pool.frame(2), 2);
    std::filesystem::create_directories(path("taken/in"));
    const Worker worker([&] { recorder.attend(); });
    EXPECT_EQ(write_recording({&recorders, 1}, path("taken"), "", 10s).error, "Is a directory");
    EXPECT_EQ(files(), std::vector<std::string>{"taken"});
    EXPECT_EQ(pool.out(), 0u);
}

// A worker that takes frames as fast as it can: each is in one recording at most, in order, and
// with all buffers there to spare none between the first and the last is missing.
TEST_F(RecordingTest, WhileTheWorkerGoesOnLosesNoBuffer) {
    constexpr std::size_t ring = 256;
    MbufPool pool(2 * ring + 64);
    {
        FrameRecorder recorder("q", ring, ring);
        std::uint64_t number = 0;
        const Worker worker([&] {
            std::array<rte_mbuf*, 32> mbufs;
            std::array<std::uint64_t, 32> times;
            for (std::size_t i = 0; i < mbufs.size(); ++i) {
                mbufs[i] = pool.frame(number);
                times[i] = number++;
                ASSERT_NE(mbufs[i], nullptr);
            }
            recorder.keep(mbufs, times);
        });
        FrameRecorder* const recorders = &recorder;
        for (int round = 0; round < 20; ++round) {
            const auto result = write_recording({&recorders, 1}, path("a"), "", 10s);
            ASSERT_EQ(result.error, "");
            const Bytes bytes = bytes_of(path("a"));
            std::uint64_t first = 0;
            if (result.frames != 0) {
                constexpr std::size_t headers = 40 + 40;  // without a comment; "q"
                std::memcpy(&first, bytes.data() + headers + 28, sizeof first);
            }
            Expected expected("", {"q"});
            for (std::uint64_t i = 0; i < result.frames; ++i) {
                expected.frame(0, first + i);
            }
            ASSERT_EQ(bytes, expected.bytes()) << round;
        }
    }
    EXPECT_EQ(pool.out(), 0u);
}

TEST_F(RecordingTest, OfAPortHasItsLastFramesWithTheirTimes) {
    PortOptions options;
    options.device = EalEnvironment::recorded_device();
    options.rx_descriptors = 256;
    options.buffers = 1024;
    options.recorder_frames = 10;
    Port port(EalEnvironment::eal(), options);
    port.start();
    std::array<proto::FrameView, burst_frames> frames;
    while (port.rx_queue().poll(frames) != 0) {
        port.rx_queue().release();
    }
    EXPECT_EQ(port.frames_recorded(), 10u);
    {
        // No frame comes any longer.
        const Worker worker([&] {
            port.rx_queue().poll(frames);
            port.rx_queue().wait();
        });
        const auto result = port.write_recording(path("a"), "why");
        EXPECT_EQ(result.error, "");
        EXPECT_EQ(result.frames, 10u);
    }
    EXPECT_EQ(port.frames_recorded(), 0u);
    Expected expected("why", {"net_pcap9 queue 0"});
    const auto sample = test::sample_frames();
    for (std::size_t i = 90; i < 100; ++i) {
        expected.frame(0,
                       sample[i].seconds * 1'000'000'000ull + sample[i].microseconds * 1'000ull,
                       sample[i].bytes);
    }
    EXPECT_EQ(bytes_of(path("a")), expected.bytes());
    port.stop();
}

}  // namespace
}  // namespace roda::dpdk
