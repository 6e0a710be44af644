// SPDX-License-Identifier: Apache-2.0
#include "appliance/control/control_client.hpp"

#include <cerrno>
#include <cstring>
#include <thread>

#include "appliance/control/control_path.hpp"
#include "appliance/control/control_text.hpp"
#include "appliance/control/local_socket.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// An explanation of all shards with all the rules that a sensor may have is less.
constexpr std::size_t max_reply_bytes = 16 << 20;

[[noreturn]] void refuse_connection(int error, const std::string& path) {
    if (error == ENOENT || error == ECONNREFUSED) {
        throw StartupError("no Roda of this instance runs", path, "is `roda run` running?");
    }
    if (error == EACCES) {
        throw StartupError(
            "not allowed", path, "run this as the user that Roda runs as, or in its group");
    }
    if (error == EAGAIN) {
        throw StartupError("Roda is busy with other requests", path, "try again");
    }
    throw StartupError("cannot connect: " + std::string(std::strerror(error)), path, "");
}

Descriptor connected(const std::string& path, steady_clock::time_point deadline) {
    const sockaddr_un address = local_address(path);
    Descriptor socket = local_stream_socket(path);
    while (!connect_to(socket, address)) {
        const int error = errno;
        if (error != EAGAIN || steady_clock::now() >= deadline) {
            refuse_connection(error, path);
        }
        std::this_thread::sleep_for(milliseconds(10));
    }
    return socket;
}

}  // namespace

ControlReply ask(const std::string& directory,
                 const std::string& instance,
                 const ControlRequest& request,
                 milliseconds patience) {
    const std::string path = control_path(directory, instance);
    const TransferLimits limits{.deadline = steady_clock::now() + patience};
    const Descriptor socket = connected(path, limits.deadline);
    // A server that refuses early does not read to the end: its reply says why.
    write_all(socket, to_line(request), limits);
    std::string line;
    switch (read_line(socket, line, max_reply_bytes, limits)) {
        case Transfer::done:
            break;
        case Transfer::late:
            throw StartupError("Roda did not answer in time", path, "see its log");
        case Transfer::too_long:
            throw StartupError("the reply is too long", path, "is this Roda's socket?");
        case Transfer::closed:
        case Transfer::ended:
            throw StartupError("Roda ended before it answered", path, "see its log");
    }
    ControlReply reply;
    if (const auto fault = read_reply(line, reply)) {
        throw StartupError(*fault, path, "it is of another version, or not Roda's socket");
    }
    return reply;
}

}  // namespace roda::appliance
