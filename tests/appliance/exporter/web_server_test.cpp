// SPDX-License-Identifier: Apache-2.0
// Real HTTP over loopback.
#include "appliance/exporter/web_server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "appliance/version.hpp"
#include "pipeline/base/error.hpp"
#include "tests/appliance/exporter/sample.hpp"

namespace roda::appliance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::uint64_t no_alerts(ActiveAlerts&) {
    return 0;
}

struct Answer {
    int status = 0;
    std::string type;
    std::string body;
};

Answer get(const WebServer& server, const std::string& path, const char* host = "127.0.0.1") {
    httplib::Client client(host, server.port());
    const httplib::Result result = client.Get(path);
    if (!result) {
        return {0, "", httplib::to_string(result.error())};
    }
    return {result->status, result->get_header_value("Content-Type"), result->body};
}

/// What the constructor says when it refuses; empty when it does not.
std::string refusal(const std::string& address, std::uint16_t port) {
    Config config = sample_config();
    config.metrics.address = address;
    config.metrics.port = port;
    try {
        const WebServer server(config, sample_status, no_alerts);
    } catch (const StartupError& error) {
        return error.what();
    }
    return "";
}

TEST(WebServer, ServesMetricsInTheTextFormatOfPrometheus) {
    const WebServer server(sample_config(), sample_status, [](ActiveAlerts& active) {
        active.apply(alert("jump", 417, Transition::firing));
        return std::uint64_t{0};
    });
    const Answer answer = get(server, "/metrics");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(answer.body, StartsWith("# HELP roda_build_info "));
    EXPECT_THAT(answer.body, HasSubstr("\nroda_readings_accepted_total 9989000\n"));
    EXPECT_THAT(
        answer.body,
        HasSubstr("roda_alert_active{rule=\"jump\",severity=\"warning\",sensor=\"417\"} 1\n"));
}

TEST(WebServer, ListsTheAlertsThatStandForPrograms) {
    WebServer server(sample_config(), sample_status, [](ActiveAlerts& active) {
        active.forget();
        active.apply(alert("jump", 417, Transition::firing));
        active.apply(alert("drift", 1, Transition::firing));
        active.apply(alert("drift", 1, Transition::acknowledged));
        active.apply(alert("drift", 2, Transition::firing));
        return std::uint64_t{0};
    });
    server.set_book(sample_book());
    const Answer answer = get(server, "/api/v1/alerts");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.type, "application/json");
    EXPECT_EQ(answer.body,
              R"({"alerts":[{"id":"0:0:1","since_ns":1700000000250000000,"acknowledged":true,)"
              R"("flapping":false,"message":"1 drifts",)"
              R"("labels":{"rule":"drift","severity":"warning","sensor":"1"}},)"
              R"({"id":"0:0:417","since_ns":1700000000250000000,"acknowledged":false,)"
              "\"flapping\":false,\"message\":\"TI-101 is at 2.5 \u00b0C\","
              R"("labels":{"rule":"jump","severity":"warning","sensor":"417",)"
              "\"name\":\"TI-101\",\"unit\":\"\u00b0C\",\"area\":\"north\",\"building\":\"east\","
              "\"group\":\"hall 7\","
              R"("team":"night \"shift\""}}],"truncated":1})"
              "\n");
}

TEST(WebServer, CompressesForAClientThatAsks) {
    const WebServer server(sample_config(), sample_status, no_alerts);
    httplib::Client client("127.0.0.1", server.port());
    const httplib::Result result = client.Get("/metrics", {{"Accept-Encoding", "gzip"}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->get_header_value("Content-Encoding"), "gzip");
    EXPECT_THAT(result->body, HasSubstr("\nroda_ready 1\n"));
}

TEST(WebServer, IsReadyWhenTheApplianceIs) {
    std::atomic<bool> ready = false;
    const WebServer server(
        sample_config(),
        [&] {
            Status status = sample_status();
            status.ready = ready;
            return status;
        },
        no_alerts);
    Answer answer = get(server, "/-/ready");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, "not ready\n");
    EXPECT_EQ(get(server, "/-/healthy").status, 200);

    ready = true;
    answer = get(server, "/-/ready");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "ready\n");
    EXPECT_EQ(get(server, "/-/healthy").status, 200);
}

TEST(WebServer, LandingPageShowsWhatRuns) {
    const WebServer server(sample_config(), sample_status, no_alerts);
    const Answer answer = get(server, "/");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.type, "text/html; charset=utf-8");
    EXPECT_THAT(
        answer.body,
        AllOf(StartsWith("<!DOCTYPE html>"),
              HasSubstr(std::string(version).append(", instance hall-7")),
              HasSubstr("href=\"/metrics\""),
              HasSubstr("href=\"/-/healthy\""),
              HasSubstr("href=\"/-/ready\""),
              HasSubstr("net_tap0,iface=roda0 (net_tap)"),
              HasSubstr("2 MiB hugepages"),
              HasSubstr("<dt>Link</dt><dd>up; changes: 29</dd>"),
              HasSubstr("<dt>Note</dt><dd>net_tap has no receive interrupts: an idle worker looks "
                        "&lt;often&gt;</dd>"),
              HasSubstr("2023-11-14 22:13:20 UTC"),
              HasSubstr("<td class=\"word\">readings</td><td>9,989,130</td><td>9,989,000</td>"
                        "<td></td><td></td><td></td><td>43</td>"),
              HasSubstr("<td class=\"word\">frames</td><td>1,000,066</td><td>999,000</td>"
                        "<td>600</td><td>300</td><td>116</td><td>91</td>"),
              HasSubstr("<dt>In force</dt><dd>2, with 45 alarm points</dd>"),
              HasSubstr("<dt>Loaded</dt><dd>the last FAILED, the rules are those of 2023-11-14 "
                        "22:15:00 UTC</dd>"),
              HasSubstr("<dt>Alarms</dt><dd>39 not at rest; refused: 40</dd>"),
              HasSubstr("<td class=\"word\">drift</td><td class=\"word\">info</td>"
                        "<td>1</td><td>0</td><td>5</td><td>1</td><td>0</td>"),
              Not(HasSubstr("quiet"))));
}

TEST(WebServer, LandingPageShowsTheRulesWithAlertsAndCountsTheOthers) {
    const WebServer server(
        sample_config(),
        [] {
            Status status = sample_status();
            std::vector<SeriesRegistry::Series> series;
            for (int i = 0; i < 1'000; ++i) {
                series.push_back({"r" + std::to_string(i), Severity::info});
            }
            status.series =
                std::make_shared<const std::vector<SeriesRegistry::Series>>(std::move(series));
            status.alerts.assign(60, {.pending = 1});
            return status;
        },
        no_alerts);
    EXPECT_THAT(get(server, "/").body,
                AllOf(HasSubstr(">r0</td>"),
                      HasSubstr(">r49</td>"),
                      Not(HasSubstr(">r50</td>")),
                      HasSubstr("and 10 more with alerts, 940 more, quiet")));
}

TEST(WebServer, LandingPageIsThereBeforeThePortIs) {
    const WebServer server(
        sample_config(),
        [] {
            Status status;
            status.device = "net_tap0";
            return status;
        },
        no_alerts);
    EXPECT_THAT(get(server, "/").body,
                AllOf(HasSubstr(">not ready</span>"),
                      HasSubstr("<dd>net_tap0</dd>"),
                      HasSubstr("<dt>Frame memory</dt><dd>-</dd>")));
}

TEST(WebServer, LandingPageEscapesEveryValue) {
    Config config = sample_config();
    config.instance = "<i>instance";
    const WebServer server(
        config,
        [] {
            Status status = sample_status();
            status.series = std::make_shared<const std::vector<SeriesRegistry::Series>>(
                1, SeriesRegistry::Series{"<i>rule", Severity::info});
            status.device = "<i>device & 'more'";
            status.driver = "<i>driver";
            status.memory = "\"<i>memory\"";
            return status;
        },
        no_alerts);
    const Answer answer = get(server, "/");
    EXPECT_THAT(answer.body, Not(HasSubstr("<i>")));
    EXPECT_THAT(answer.body,
                AllOf(HasSubstr("<title>Roda: &lt;i&gt;instance</title>"),
                      HasSubstr("instance &lt;i&gt;instance</span>"),
                      HasSubstr("&lt;i&gt;rule"),
                      HasSubstr("&lt;i&gt;device &amp; &#39;more&#39; (&lt;i&gt;driver)"),
                      HasSubstr("&quot;&lt;i&gt;memory&quot;")));
}

TEST(WebServer, AnswersToNothingElse) {
    const WebServer server(sample_config(), sample_status, no_alerts);
    for (const char* path : {"/metrics/", "/favicon.ico", "/../etc/passwd", "//"}) {
        const Answer answer = get(server, path);
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(answer.body, "404: not here; / lists what is\n") << path;
    }
    httplib::Client client("127.0.0.1", server.port());
    const httplib::Result posted = client.Post("/metrics", "x", "text/plain");
    ASSERT_TRUE(posted);
    EXPECT_EQ(posted->status, 404);
}

TEST(WebServer, RefusesALargeBody) {
    const WebServer server(sample_config(), sample_status, no_alerts);
    httplib::Client client("127.0.0.1", server.port());
    const httplib::Result posted = client.Post("/metrics", std::string(4'096, 'x'), "text/plain");
    ASSERT_TRUE(posted);
    EXPECT_EQ(posted->status, 413);
}

TEST(WebServer, AFaultOfTheSourceIsAnErrorOfTheServer) {
    const WebServer server(
        sample_config(), []() -> Status { throw std::runtime_error("device gone"); }, no_alerts);
    EXPECT_EQ(get(server, "/metrics").status, 500);
    EXPECT_EQ(get(server, "/-/ready").status, 500);
    EXPECT_EQ(get(server, "/-/healthy").status, 200);
}

TEST(WebServer, AsksTheSourceOneAtATime) {
    std::atomic<int> inside = 0;
    std::atomic<bool> overlapped = false;
    const WebServer server(
        sample_config(),
        [&] {
            overlapped = overlapped || ++inside > 1;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            --inside;
            return sample_status();
        },
        no_alerts);
    std::vector<std::thread> clients;
    std::atomic<int> answered = 0;
    for (int client = 0; client < 4; ++client) {
        clients.emplace_back([&] {
            for (int i = 0; i < 6; ++i) {  // together more than the server has in hand at once
                const Answer answer = get(server, i % 2 == 0 ? "/metrics" : "/");
                answered += answer.status == 200 ? 1 : 0;
            }
        });
    }
    for (std::thread& client : clients) {
        client.join();
    }
    EXPECT_EQ(answered, 24);
    EXPECT_FALSE(overlapped);
}

TEST(WebServer, APortInUseIsRefusedWithAHint) {
    const WebServer first(sample_config(), sample_status, no_alerts);
    const std::string port = std::to_string(first.port());
    EXPECT_EQ(refusal("127.0.0.1", first.port()),
              "metrics 127.0.0.1:" + port +
                  ": cannot listen: Address already in use (another program listens there: stop "
                  "it, or set another metrics.port)");
    EXPECT_THAT(refusal("0.0.0.0", first.port()), HasSubstr("Address already in use"));
}

TEST(WebServer, AnAddressOfAnotherHostIsRefusedWithAHint) {
    EXPECT_EQ(refusal("192.0.2.1", 17751),
              "metrics 192.0.2.1:17751: cannot listen: Cannot assign requested address (this host "
              "does not have the address: `ip address` lists its own, 0.0.0.0 is all of them)");
}

TEST(WebServer, WhatIsNoAddressIsRefusedWithAHint) {
    EXPECT_EQ(refusal("metrics.example", 17751),
              "metrics metrics.example:17751: not an IP address (metrics.address is an IPv4 or "
              "IPv6 address of this host, or 0.0.0.0 for all)");
    EXPECT_THAT(refusal("", 17751), HasSubstr("not an IP address"));
    EXPECT_THAT(refusal("::zz", 17751), StartsWith("metrics [::zz]:17751: not an IP address"));
}

TEST(WebServer, ListensOnIPv6) {
    Config config = sample_config();
    config.metrics.address = "::1";
    try {
        const WebServer server(config, sample_status, no_alerts);
        EXPECT_EQ(get(server, "/-/healthy", "::1").status, 200);
    } catch (const StartupError& error) {
        GTEST_SKIP() << "no IPv6 loopback: " << error.what();
    }
}

TEST(WebServer, GivesItsPortBackWhenItEnds) {
    Config config = sample_config();
    {
        const WebServer first(config, sample_status, no_alerts);
        config.metrics.port = first.port();
        EXPECT_EQ(get(first, "/-/healthy").status, 200);
    }
    const WebServer second(config, sample_status, no_alerts);
    EXPECT_EQ(second.port(), config.metrics.port);
    EXPECT_EQ(get(second, "/-/healthy").status, 200);
}

TEST(WebServer, EndsAtOnceWhileAClientStalls) {
    const int stalling = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto before = std::chrono::steady_clock::now();
    {
        const WebServer server(sample_config(), sample_status, no_alerts);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(::connect(stalling, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(get(server, "/-/healthy").status, 200);  // the other thread answers meanwhile
        EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(1'900));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(1'900));
    ::close(stalling);
}

}  // namespace
}  // namespace roda::appliance
