// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/web_server.hpp"

#include <arpa/inet.h>
#include <httplib.h>
#include <prometheus/text_serializer.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "appliance/exporter/alerts_json.hpp"
#include "appliance/exporter/bounded_server.hpp"
#include "appliance/exporter/landing_page.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {

namespace {

constexpr const char* exposition_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* text_type = "text/plain; charset=utf-8";
constexpr const char* json_type = "application/json";
constexpr const char* html_type = "text/html; charset=utf-8";

/// httplib's default is SO_REUSEPORT, with which two instances would share a port unnoticed.
void share_only_with_the_past(int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

bool is_ip_address(const std::string& text) {
    in6_addr unused{};
    return ::inet_pton(AF_INET, text.c_str(), &unused) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &unused) == 1;
}

std::string listening_hint(int error) {
    switch (error) {
        case EADDRINUSE:
            return "another program listens there: stop it, or set another metrics.port";
        case EACCES:
            return "ports below 1024 need CAP_NET_BIND_SERVICE: set a higher metrics.port";
        case EADDRNOTAVAIL:
            return "this host does not have the address: `ip address` lists its own, 0.0.0.0 is "
                   "all of them";
        default:
            return "see metrics.address and metrics.port";
    }
}

/// Returns the port. Errors: StartupError.
std::uint16_t bind_to(httplib::Server& server, const MetricsConfig& config) {
    const bool is_v6 = config.address.find(':') != std::string::npos;
    const std::string where = "metrics " + (is_v6 ? '[' + config.address + ']' : config.address) +
                              ':' + std::to_string(config.port);
    if (!is_ip_address(config.address)) {
        throw StartupError("not an IP address",
                           where,
                           "metrics.address is an IPv4 or IPv6 address of this host, or 0.0.0.0 "
                           "for all");
    }
    errno = 0;
    const int port = config.port == 0 ? server.bind_to_any_port(config.address)
                     : server.bind_to_port(config.address, config.port) ? int{config.port}
                                                                        : -1;
    const int error = errno;
    if (port < 0) {
        throw StartupError(
            "cannot listen: " + std::string(error == 0 ? "unknown reason" : std::strerror(error)),
            where,
            listening_hint(error));
    }
    return static_cast<std::uint16_t>(port);
}

}  // namespace

struct WebServer::State {
    State(const Config& of, StatusSource status, AlertFollower follow_alerts)
        : config(of), metrics(of, std::move(status), std::move(follow_alerts)) {}

    void route();
    void serve();

    const Config config;
    Metrics metrics;
    BoundedServer server;
    std::uint16_t port = 0;
    std::thread accepting;
};

void WebServer::State::route() {
    using httplib::Request;
    using httplib::Response;
    server.Get("/metrics", [this](const Request&, Response& response) {
        response.set_content(prometheus::TextSerializer().Serialize(metrics.Collect()),
                             exposition_type);
    });
    server.Get("/api/v1/alerts", [this](const Request&, Response& response) {
        response.set_content(alerts_json(metrics.active_alerts()), json_type);
    });
    server.Get("/-/healthy", [](const Request&, Response& response) {
        response.set_content("healthy\n", text_type);
    });
    server.Get("/-/ready", [this](const Request&, Response& response) {
        const bool ready = metrics.status().ready;
        response.status = ready ? 200 : 503;
        response.set_content(ready ? "ready\n" : "not ready\n", text_type);
    });
    server.Get("/", [this](const Request&, Response& response) {
        response.set_header("Content-Security-Policy",
                            "default-src 'none'; style-src 'unsafe-inline'");
        response.set_content(landing_page(config, metrics.status()), html_type);
    });
    server.set_default_headers(
        {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
    server.set_error_handler([](const Request&, Response& response) {
        if (response.body.empty()) {
            response.set_content(response.status == 404 ? "404: not here; / lists what is\n"
                                                        : std::to_string(response.status) + '\n',
                                 text_type);
        }
    });
    server.set_exception_handler([](const Request&, Response& response, std::exception_ptr) {
        response.status = 500;
        response.set_content("500: the figures could not be read\n", text_type);
    });
}

void WebServer::State::serve() {
    // Signals are the main thread's; one that interrupts accept() would end httplib's loop.
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    server.listen_after_bind();
}

WebServer::WebServer(const Config& config, StatusSource status, AlertFollower follow_alerts)
    : state_(std::make_unique<State>(config, std::move(status), std::move(follow_alerts))) {
    state_->server.set_socket_options(share_only_with_the_past);
    state_->route();
    state_->port = bind_to(state_->server, config.metrics);
    state_->server.widen_backlog();
    state_->accepting = std::thread([state = state_.get()] { state->serve(); });
    // end() before the loop has begun would be forgotten.
    while (!state_->server.is_running()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

WebServer::~WebServer() {
    state_->server.end();
    state_->accepting.join();
}

void WebServer::set_book(std::shared_ptr<const RuleBook> book) {
    state_->metrics.set_book(std::move(book));
}

std::uint16_t WebServer::port() const noexcept {
    return state_->port;
}

}  // namespace roda::appliance
