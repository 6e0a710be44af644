// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/bounded_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <semaphore>
#include <utility>

#include "appliance/exporter/bounded_stream.hpp"

namespace roda::appliance {

namespace {

using namespace std::chrono_literals;
using Clock = BoundedStream::Clock;

constexpr std::size_t answering_threads = 2;
constexpr std::ptrdiff_t max_connections = 16;  // in hand; others wait in the kernel's backlog
constexpr int backlog = 64;         // httplib's is 5: a burst beyond it connects a second later
constexpr auto request_time = 2s;   // from accept() to the end of the request
constexpr auto least_turn = 100ms;  // for one that waited for a thread until then
constexpr auto answer_time = 5s;    // from the first byte of the answer to its last
constexpr std::size_t max_request_bytes = 16 * 1024;  // request line, headers and body
constexpr std::size_t max_body_bytes = 1024;          // no request here has one worth reading

// Of the connection that this thread answers. httplib hands its pool a closed function and
// process_and_close_socket() a bare socket, so nothing else gets from the one to the other.
thread_local Clock::time_point accepted_at;

/// httplib's pool queues connections without end; this one lets the accepting thread wait.
class BoundedPool final : public httplib::TaskQueue {
  public:
    void enqueue(std::function<void()> answer) override {
        const Clock::time_point accepted = Clock::now();
        room_.acquire();
        pool_.enqueue([this, accepted, answer = std::move(answer)] {
            accepted_at = accepted;
            answer();
            room_.release();
        });
    }

    void shutdown() override { pool_.shutdown(); }

  private:
    std::counting_semaphore<max_connections> room_{max_connections};
    httplib::ThreadPool pool_{answering_threads};
};

}  // namespace

BoundedServer::BoundedServer() {
    new_task_queue = [] { return new BoundedPool; };  // httplib deletes it
    set_payload_max_length(max_body_bytes);
}

void BoundedServer::widen_backlog() {
    ::listen(svr_sock_, backlog);  // may be repeated, for this very purpose
}

void BoundedServer::end() {
    sockets_.shut_down_all();
    stop();
}

bool BoundedServer::process_and_close_socket(int socket) {
    bool answered = false;
    if (sockets_.add(socket)) {
        const auto read_until = std::max(accepted_at + request_time, Clock::now() + least_turn);
        BoundedStream stream(socket, {read_until, answer_time, max_request_bytes});
        const bool is_last_request = true;
        bool client_has_closed = false;
        answered = process_request(stream, is_last_request, client_has_closed, nullptr);
    }
    sockets_.close(socket);
    return answered;
}

}  // namespace roda::appliance
