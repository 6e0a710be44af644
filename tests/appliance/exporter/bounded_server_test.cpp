// SPDX-License-Identifier: Apache-2.0
// Clients over loopback that do their worst.
#include "appliance/exporter/bounded_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace roda::appliance {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class Running {
  public:
    Running() {
        server_.Get("/small", [](const httplib::Request&, httplib::Response& response) {
            response.set_content("here", "text/plain");
        });
        server_.Get("/large", [](const httplib::Request&, httplib::Response& response) {
            response.set_content(std::string(16 << 20, 'x'), "text/plain");
        });
        port_ = server_.bind_to_any_port("127.0.0.1");
        server_.widen_backlog();
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) {
            std::this_thread::sleep_for(1ms);
        }
    }

    ~Running() { end(); }

    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    void end() {
        if (thread_.joinable()) {
            server_.end();
            thread_.join();
        }
    }

    std::string get_small() const {
        httplib::Client client("127.0.0.1", port_);
        const httplib::Result result = client.Get("/small");
        return result ? result->body : httplib::to_string(result.error());
    }

    int port() const { return port_; }

  private:
    BoundedServer server_;
    int port_ = 0;
    std::thread thread_;
};

class RawClient {
  public:
    explicit RawClient(const Running& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(server.port()));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    }

    ~RawClient() { ::close(socket_); }

    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    /// False when the server has closed.
    bool send(const std::string& text) const {
        return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) >= 0;
    }

  private:
    int socket_;
};

using RawClients = std::vector<std::unique_ptr<RawClient>>;

/// Begin a request each, and go on with a byte of its first header every 50 ms.
class Drippers {
  public:
    Drippers(const Running& server, int count) {
        for (int i = 0; i < count; ++i) {
            clients_.push_back(std::make_unique<RawClient>(server));
            clients_.back()->send("GET /small HTTP/1.1\r\nA: ");
        }
        thread_ = std::thread([this] {
            while (!done_) {
                for (const auto& client : clients_) {
                    client->send("x");
                }
                std::this_thread::sleep_for(50ms);
            }
        });
    }

    ~Drippers() {
        done_ = true;
        thread_.join();
    }

    Drippers(const Drippers&) = delete;
    Drippers& operator=(const Drippers&) = delete;

  private:
    RawClients clients_;
    std::atomic<bool> done_ = false;
    std::thread thread_;
};

TEST(BoundedServer, ClientsThatDripTheirRequestsHoldUpOthersForTwoSecondsTogether) {
    const Running server;
    const auto before = Clock::now();
    const Drippers drippers(server, 6);  // three for each thread: in turn they would take 6 s
    EXPECT_EQ(server.get_small(), "here");
    EXPECT_LT(Clock::now() - before, 5s);
}

TEST(BoundedServer, ARequestWithoutEndIsCutOffBySize) {
    const Running server;
    const RawClient flooding(server);
    const auto before = Clock::now();
    flooding.send("GET /small HTTP/1.1\r\n");
    while (flooding.send("A: some header\r\n")) {
    }
    EXPECT_LT(Clock::now() - before, 1'800ms);  // not by time, which is two seconds
    EXPECT_EQ(server.get_small(), "here");
}

TEST(BoundedServer, EndsAtOnceWhileClientsDrip) {
    Running server;
    const Drippers drippers(server, 2);
    std::this_thread::sleep_for(100ms);
    const auto before = Clock::now();
    server.end();
    EXPECT_LT(Clock::now() - before, 1'500ms);
}

TEST(BoundedServer, EndsAtOnceWhileMoreClientsWaitThanItHasRoomFor) {
    Running server;
    RawClients silent;
    for (int i = 0; i < 20; ++i) {
        silent.push_back(std::make_unique<RawClient>(server));
    }
    std::this_thread::sleep_for(100ms);
    const auto before = Clock::now();
    server.end();
    EXPECT_LT(Clock::now() - before, 1'500ms);
}

TEST(BoundedServer, EndsAtOnceWhileAClientDoesNotTakeItsAnswer) {
    Running server;
    const RawClient asking(server);
    asking.send("GET /large HTTP/1.1\r\n\r\n");
    std::this_thread::sleep_for(200ms);
    const auto before = Clock::now();
    server.end();
    EXPECT_LT(Clock::now() - before, 1'500ms);
}

}  // namespace
}  // namespace roda::appliance
