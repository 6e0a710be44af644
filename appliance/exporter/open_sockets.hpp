// SPDX-License-Identifier: Apache-2.0
// The accepted sockets that are being answered, so that they can all be shut down at the end.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <set>

namespace roda::appliance {

/// Thread: any.
/// Order: a socket is closed under the mutex that shut_down_all() holds, so that what is shut down
/// is never a later file with the same number.
class OpenSockets {
  public:
    /// False after shut_down_all(): such a socket is to be closed without an answer.
    bool add(int socket) {
        const std::lock_guard lock(mutex_);
        if (!ending_) {
            open_.insert(socket);
        }
        return !ending_;
    }

    /// Closes the socket, added or not.
    void close(int socket) {
        const std::lock_guard lock(mutex_);
        open_.erase(socket);
        ::shutdown(socket, SHUT_RDWR);
        ::close(socket);
    }

    /// Ends every wait on these sockets now, and lets no other in.
    void shut_down_all() {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        for (const int socket : open_) {
            ::shutdown(socket, SHUT_RDWR);
        }
    }

  private:
    std::mutex mutex_;
    std::set<int> open_;
    bool ending_ = false;
};

}  // namespace roda::appliance
