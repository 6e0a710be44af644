// SPDX-License-Identifier: Apache-2.0
// One end of a socket pair is the server's, the other a client that takes its time.
#include "appliance/exporter/bounded_stream.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace roda::appliance {
namespace {

using namespace std::chrono_literals;
using Clock = BoundedStream::Clock;

class BoundedStreamOnASocket : public testing::Test {
  protected:
    BoundedStreamOnASocket() {
        std::array<int, 2> pair{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
        server_ = pair[0];
        client_ = pair[1];
    }

    ~BoundedStreamOnASocket() override {
        ::close(server_);
        ::close(client_);
    }

    BoundedStream stream(std::chrono::milliseconds time, std::size_t request_bytes = 1'000) const {
        return BoundedStream(server_, {Clock::now() + time, time, request_bytes});
    }

    void client_sends(const std::string& text) const {
        EXPECT_EQ(::send(client_, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    int server_ = -1;
    int client_ = -1;
};

/// All bytes until read() says that there are no more, and what it said then.
struct Received {
    std::string text;
    ssize_t last = 0;

    friend bool operator==(const Received&, const Received&) = default;
};

Received read_all(BoundedStream& stream) {
    Received received;
    char byte = 0;
    while ((received.last = stream.read(&byte, 1)) > 0) {
        received.text += byte;
    }
    return received;
}

TEST_F(BoundedStreamOnASocket, ReadsToTheEndOfTheClient) {
    client_sends("GET / HTTP/1.1\r\n");
    ::shutdown(client_, SHUT_WR);
    BoundedStream in = stream(10s);
    EXPECT_EQ(read_all(in), (Received{"GET / HTTP/1.1\r\n", 0}));
}

TEST_F(BoundedStreamOnASocket, GivesASilentClientItsTimeAndNoMore) {
    BoundedStream in = stream(50ms);
    const auto before = Clock::now();
    EXPECT_EQ(read_all(in), (Received{"", -1}));
    EXPECT_GE(Clock::now() - before, 45ms);
    EXPECT_LT(Clock::now() - before, 1s);
}

TEST_F(BoundedStreamOnASocket, ADripDoesNotBuyTime) {
    client_sends("x");
    std::atomic<bool> done = false;
    std::thread dripping([&] {
        while (!done) {
            client_sends("x");
            std::this_thread::sleep_for(10ms);
        }
    });
    BoundedStream in = stream(100ms, 100);  // 100 bytes would take a second
    const Received received = read_all(in);
    EXPECT_EQ(received.last, -1);
    EXPECT_FALSE(received.text.empty());
    EXPECT_LT(received.text.size(), 100u);
    done = true;
    dripping.join();
}

TEST_F(BoundedStreamOnASocket, WhatIsThereAfterItsTimeIsNotRead) {
    client_sends("late");
    BoundedStream in = stream(0ms);
    EXPECT_EQ(read_all(in), (Received{"", -1}));
}

TEST_F(BoundedStreamOnASocket, ReadsNoMoreBytesThanARequestMayHave) {
    client_sends(std::string(12'000, 'x'));
    BoundedStream in = stream(10s, 10'000);
    EXPECT_EQ(read_all(in), (Received{std::string(10'000, 'x'), -1}));
}

TEST_F(BoundedStreamOnASocket, GivesAClientThatTakesNothingItsTimeAndNoMore) {
    BoundedStream out = stream(50ms);
    const std::vector<char> answer(1 << 20);
    const auto before = Clock::now();
    while (out.write(answer.data(), answer.size()) > 0) {
    }
    EXPECT_GE(Clock::now() - before, 45ms);
    EXPECT_LT(Clock::now() - before, 1s);
}

TEST_F(BoundedStreamOnASocket, TakingTheAnswerSlowlyDoesNotBuyTime) {
    std::atomic<bool> done = false;
    std::thread taking([&] {
        std::vector<char> part(64 << 10);
        while (!done && ::recv(client_, part.data(), part.size(), 0) > 0) {
            std::this_thread::sleep_for(10ms);
        }
    });
    BoundedStream out = stream(100ms);
    const std::vector<char> answer(64 << 10);
    const auto before = Clock::now();
    while (Clock::now() - before < 1s && out.write(answer.data(), answer.size()) > 0) {
    }
    EXPECT_LT(Clock::now() - before, 1s);
    done = true;
    ::shutdown(server_, SHUT_WR);
    taking.join();
}

TEST_F(BoundedStreamOnASocket, AClientThatIsGoneEndsTheWriteWithoutASignal) {
    ::shutdown(client_, SHUT_RD);
    BoundedStream out = stream(10s);
    EXPECT_EQ(out.write("x", 1), -1);
}

TEST_F(BoundedStreamOnASocket, AShutdownEndsTheWait) {
    BoundedStream in = stream(10s);
    std::thread ending([&] {
        std::this_thread::sleep_for(30ms);
        ::shutdown(server_, SHUT_RDWR);
    });
    const auto before = Clock::now();
    EXPECT_EQ(read_all(in), (Received{"", 0}));
    EXPECT_LT(Clock::now() - before, 1s);
    ending.join();
}

}  // namespace
}  // namespace roda::appliance
