// SPDX-License-Identifier: Apache-2.0
// httplib's server with what it lacks: bounds on connections and on the time and bytes of each, and
// an end that waits for no client. Knows no page of ours.
#pragma once

#include <httplib.h>

#include "appliance/exporter/open_sockets.hpp"

namespace roda::appliance {

/// Two answering threads; one request per connection, as with two threads a kept connection would
/// hold up the others.
class BoundedServer final : public httplib::Server {
  public:
    BoundedServer();

    /// Lets more connections wait than httplib does. To be called between binding and
    /// listen_after_bind(), by the thread that will call end().
    void widen_backlog();

    /// Cuts off all clients; listen_after_bind() returns once the handlers that run are done.
    /// Thread: any. Order: is_running() has been true.
    void end();

  private:
    bool process_and_close_socket(int socket) override;

    OpenSockets sockets_;
};

}  // namespace roda::appliance
