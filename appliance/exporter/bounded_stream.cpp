// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/bounded_stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace roda::appliance {

namespace {

using Clock = BoundedStream::Clock;

/// Whether the socket is ready before `until`. Past it the answer is no, ready or not: a client
/// that sends without pause must not get more time than one that drips.
bool wait_for(int socket, short event, Clock::time_point until) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        if (left.count() <= 0) {
            return false;
        }
        pollfd waiting{socket, event, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

bool may_be_repeated(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

bool BoundedStream::is_readable() const {
    return begin_ < end_ || wait_for(socket_, POLLIN, bounds_.read_until);
}

bool BoundedStream::is_writable() const {
    return wait_for(socket_, POLLOUT, write_until());
}

ssize_t BoundedStream::read(char* to, std::size_t bytes) {
    if (begin_ == end_) {
        const ssize_t got = fill();
        if (got <= 0) {
            return got;
        }
    }
    const std::size_t count = std::min(bytes, end_ - begin_);
    std::copy_n(buffer_.data() + begin_, count, to);
    begin_ += count;
    return static_cast<ssize_t>(count);
}

ssize_t BoundedStream::write(const char* from, std::size_t bytes) {
    while (wait_for(socket_, POLLOUT, write_until())) {
        const ssize_t sent = ::send(socket_, from, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0 || !may_be_repeated(errno)) {
            return sent;
        }
    }
    return -1;
}

Clock::time_point BoundedStream::write_until() const {
    if (!write_until_) {
        write_until_ = Clock::now() + bounds_.write_for;
    }
    return *write_until_;
}

ssize_t BoundedStream::fill() {
    const std::size_t room = std::min(buffer_.size(), bounds_.request_bytes - received_);
    if (room == 0) {
        return -1;
    }
    while (wait_for(socket_, POLLIN, bounds_.read_until)) {
        const ssize_t got = ::recv(socket_, buffer_.data(), room, MSG_DONTWAIT);
        if (got >= 0) {
            begin_ = 0;
            end_ = static_cast<std::size_t>(got);
            received_ += end_;
            return got;
        }
        if (!may_be_repeated(errno)) {
            return got;
        }
    }
    return -1;
}

}  // namespace roda::appliance
