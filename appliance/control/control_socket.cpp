// SPDX-License-Identifier: Apache-2.0
#include "appliance/control/control_socket.hpp"

#include <pwd.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <exception>
#include <utility>

#include "appliance/control/control_text.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

using std::chrono::steady_clock;

[[noreturn]] void refuse(const std::string& what, int error, const std::string& path) {
    throw StartupError(what + ": " + std::strerror(error), path, "see alerts.directory");
}

/// Takes away what a process that has died left there; nothing else.
void remove_stale(const std::string& path, const sockaddr_un& address) {
    struct stat file {};

    if (::lstat(path.c_str(), &file) != 0) {
        return;
    }
    if (!S_ISSOCK(file.st_mode)) {
        throw StartupError("something that is no socket has the name of the control socket",
                           path,
                           "remove it, or set another alerts.directory");
    }
    const Descriptor probe = local_stream_socket(path);
    if (connect_to(probe, address) || errno != ECONNREFUSED) {
        throw StartupError("another process listens on the control socket",
                           path,
                           "does Roda run already? Give each its own `instance`");
    }
    ::unlink(path.c_str());
}

std::string user_of(const Descriptor& peer) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
        return "unknown";
    }
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> text{};
    ::getpwuid_r(credentials.uid, &entry, text.data(), text.size(), &found);
    return found != nullptr ? found->pw_name : "uid " + std::to_string(credentials.uid);
}

}  // namespace

ControlSocket::ControlSocket(std::string path,
                             ControlHandler handler,
                             std::chrono::milliseconds patience)
    : path_(std::move(path)),
      handler_(std::move(handler)),
      patience_(patience),
      end_(::eventfd(0, EFD_CLOEXEC)) {
    if (!end_) {
        refuse("cannot make an eventfd", errno, path_);
    }
    listen();
    thread_ = std::thread([this] { serve(); });
}

ControlSocket::~ControlSocket() {
    ::eventfd_write(end_.get(), 1);
    thread_.join();

    struct stat now {};

    if (::lstat(path_.c_str(), &now) == 0 && now.st_dev == file_.st_dev &&
        now.st_ino == file_.st_ino) {
        ::unlink(path_.c_str());
    }
}

void ControlSocket::listen() {
    constexpr int waiting_peers = 16;
    constexpr mode_t owner_and_group = 0660;
    const sockaddr_un address = local_address(path_);
    remove_stale(path_, address);
    listening_ = local_stream_socket(path_);
    if (::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
        refuse("cannot make the control socket", errno, path_);
    }
    // Nobody can connect before listen(), so nobody slips in under the mode that bind() gave.
    if (::chmod(path_.c_str(), owner_and_group) != 0 || ::lstat(path_.c_str(), &file_) != 0 ||
        ::listen(listening_.get(), waiting_peers) != 0) {
        const int error = errno;
        ::unlink(path_.c_str());
        refuse("cannot listen on the control socket", error, path_);
    }
}

void ControlSocket::serve() const {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (const Descriptor peer = accept_peer(listening_, end_.get())) {
        answer(peer);
    }
}

void ControlSocket::answer(const Descriptor& peer) const {
    const ControlReply reply = reply_to(peer);
    write_all(
        peer, to_line(reply), {.deadline = steady_clock::now() + patience_, .end = end_.get()});
}

ControlReply ControlSocket::reply_to(const Descriptor& peer) const {
    std::string line;
    const TransferLimits limits{.deadline = steady_clock::now() + patience_, .end = end_.get()};
    switch (read_line(peer, line, max_request_bytes, limits)) {
        case Transfer::done:
            break;
        case Transfer::late:
            return {false, "the request did not come in time"};
        case Transfer::ended:
            return {false, "Roda is ending"};
        case Transfer::closed:
            return {false, "the request has no end of line"};
        case Transfer::too_long:
            return {false,
                    "the request is longer than " + std::to_string(max_request_bytes) + " bytes"};
    }
    ControlRequest request;
    if (const auto fault = read_request(line, request)) {
        return {false, *fault};
    }
    request.by = user_of(peer);
    try {
        return handler_(request);
    } catch (const std::exception& error) {
        return {false, error.what()};
    }
}

}  // namespace roda::appliance
