// SPDX-License-Identifier: Apache-2.0
// Both ends over a real socket, and peers that do not keep to it.
#include "appliance/control/control_socket.hpp"

#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "appliance/control/control_client.hpp"
#include "appliance/control/control_path.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

const ControlRequest reload{.verb = ControlVerb::reload};

class ControlSocketTest : public testing::Test {
  protected:
    ControlSocketTest() {
        std::string name = testing::TempDir() + "roda_control_XXXXXX";
        directory_ = ::mkdtemp(name.data());
        path_ = control_path(directory_, "north");
    }

    ~ControlSocketTest() override { std::filesystem::remove_all(directory_); }

    ControlReply ask_north(const ControlRequest& request) const {
        return ask(directory_, "north", request, 10s);
    }

    /// Sends these bytes as they are, without an end of its own, and reads until the other's.
    std::string raw(std::string_view bytes) const {
        const Descriptor peer = local_stream_socket(path_);
        EXPECT_TRUE(connect_to(peer, local_address(path_)));
        const TransferLimits limits{.deadline = steady_clock::now() + 10s};
        write_all(peer, bytes, limits);
        std::string line;
        return read_line(peer, line, 1 << 20, limits) == Transfer::done ? line : "none";
    }

    /// What the constructor of a server says; empty: it does not refuse.
    std::string refusal(const std::string& path) const {
        try {
            const ControlSocket server(path, says_done);
        } catch (const StartupError& error) {
            return error.what();
        }
        return "";
    }

    std::string refusal_of_asking() const {
        try {
            ask_north(reload);
        } catch (const StartupError& error) {
            return error.what();
        }
        return "";
    }

    static ControlReply says_done(const ControlRequest&) { return {true, "done"}; }

    std::string directory_;
    std::string path_;
};

TEST_F(ControlSocketTest, HandsTheRequestOverAndTheReplyBack) {
    std::optional<ControlRequest> seen;
    const ControlSocket server(path_, [&](const ControlRequest& request) {
        seen = request;
        return ControlReply{true, "2 alarms\nshelved"};
    });
    const ControlReply reply = ask_north({.verb = ControlVerb::shelve,
                                          .alarms = {.rule = "hot", .sensor_id = 417},
                                          .for_ns = 90'000'000'000,
                                          .by = "nobody"});
    EXPECT_TRUE(reply.done);
    EXPECT_EQ(reply.text, "2 alarms\nshelved");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->verb, ControlVerb::shelve);
    EXPECT_EQ(seen->alarms.rule, "hot");
    EXPECT_EQ(seen->alarms.sensor_id, 417u);
    EXPECT_EQ(seen->for_ns, 90'000'000'000u);
    EXPECT_EQ(seen->by, ::getpwuid(::getuid())->pw_name);
}

TEST_F(ControlSocketTest, GivesARefusalBackAsOne) {
    const ControlSocket server(path_, [](const ControlRequest&) {
        return ControlReply{false, "no rule \"hot\""};
    });
    const ControlReply reply = ask_north(reload);
    EXPECT_FALSE(reply.done);
    EXPECT_EQ(reply.text, "no rule \"hot\"");
}

TEST_F(ControlSocketTest, AHandlerThatThrowsRefuses) {
    const ControlSocket server(path_, [](const ControlRequest&) -> ControlReply {
        throw std::runtime_error("line 3: unknown key");
    });
    const ControlReply reply = ask_north(reload);
    EXPECT_FALSE(reply.done);
    EXPECT_EQ(reply.text, "line 3: unknown key");
}

TEST_F(ControlSocketTest, CarriesLongReplies) {
    const std::string text(3'000'000, 'x');
    const ControlSocket server(path_, [&](const ControlRequest&) {
        return ControlReply{true, text};
    });
    EXPECT_EQ(ask_north(reload).text, text);
}

TEST_F(ControlSocketTest, RefusesGarbageWithoutAskingTheHandler) {
    bool asked = false;
    const ControlSocket server(path_, [&](const ControlRequest&) {
        asked = true;
        return ControlReply{true, ""};
    });
    EXPECT_EQ(raw("\n"), R"({"done":false,"text":"not a JSON object"})");
    EXPECT_EQ(raw("reload\n"), R"({"done":false,"text":"not a JSON object"})");
    EXPECT_EQ(raw(R"({"verb":"reload","now":true})"
                  "\n"),
              R"({"done":false,"text":"reload knows no \"now\""})");
    EXPECT_FALSE(asked);
}

TEST_F(ControlSocketTest, BoundsARequest) {
    const ControlSocket server(path_, says_done);
    const std::string request = R"({"verb":"reload"})";
    const std::string most = request + std::string(4096 - request.size(), ' ');
    EXPECT_EQ(raw(most + '\n'), R"({"done":true,"text":"done"})");
    const std::string refused = R"({"done":false,"text":"the request is longer than 4096 bytes"})";
    EXPECT_EQ(raw(most + " \n"), refused);
    EXPECT_EQ(raw(std::string(1'000'000, ' ')), refused);
}

TEST_F(ControlSocketTest, APeerThatStallsIsCutOff) {
    const ControlSocket server(path_, says_done, 200ms);
    EXPECT_EQ(raw(R"({"verb":)"), R"({"done":false,"text":"the request did not come in time"})");
    EXPECT_TRUE(ask_north(reload).done);
}

TEST_F(ControlSocketTest, APeerThatDripsIsCutOff) {
    const ControlSocket server(path_, says_done, 100ms);
    const Descriptor peer = local_stream_socket(path_);
    ASSERT_TRUE(connect_to(peer, local_address(path_)));
    const TransferLimits limits{.deadline = steady_clock::now() + 5s};
    Transfer sent = Transfer::done;
    while (sent == Transfer::done) {
        sent = write_all(peer, " ", limits);
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_EQ(sent, Transfer::closed);
}

TEST_F(ControlSocketTest, APeerThatDoesNotReadItsReplyIsCutOff) {
    const ControlSocket server(
        path_,
        [](const ControlRequest& request) {
            const bool is_long = request.verb == ControlVerb::explain;
            return ControlReply{true, std::string(is_long ? 3 << 20 : 3, 'x')};
        },
        200ms);
    const Descriptor idle = local_stream_socket(path_);
    ASSERT_TRUE(connect_to(idle, local_address(path_)));
    write_all(
        idle, "{\"verb\":\"explain\",\"sensor_id\":1}\n", {.deadline = steady_clock::now() + 5s});
    EXPECT_EQ(ask_north(reload).text, "xxx");
}

TEST_F(ControlSocketTest, APeerThatLeavesIsForgotten) {
    const ControlSocket server(path_, says_done);
    for (int i = 0; i < 3; ++i) {
        const Descriptor peer = local_stream_socket(path_);
        ASSERT_TRUE(connect_to(peer, local_address(path_)));
    }
    EXPECT_TRUE(ask_north(reload).done);
}

TEST_F(ControlSocketTest, AClientWaitsForAPlaceInTheQueue) {
    std::promise<void> go;
    std::atomic<bool> is_asked = false;
    const ControlSocket server(path_, [&, wait = go.get_future().share()](const ControlRequest&) {
        is_asked = true;
        is_asked.notify_one();
        wait.wait();
        return ControlReply{true, "done"};
    });
    std::vector<Descriptor> peers;
    do {
        peers.push_back(local_stream_socket(path_));
        if (peers.size() == 2) {
            is_asked.wait(false);  // by the first, and takes none of the others from the queue
        }
    } while (connect_to(peers.back(), local_address(path_)) &&
             write_all(peers.back(),
                       "{\"verb\":\"reload\"}\n",
                       {.deadline = steady_clock::now() + 5s}) == Transfer::done);
    EXPECT_EQ(errno, EAGAIN);
    std::future<std::string> answer =
        std::async(std::launch::async, [this] { return ask_north(reload).text; });
    EXPECT_EQ(answer.wait_for(50ms), std::future_status::timeout);
    go.set_value();
    EXPECT_EQ(answer.get(), "done");
}

TEST_F(ControlSocketTest, EndsWithoutWaitingForPeers) {
    std::optional<ControlSocket> server(std::in_place, path_, says_done, 60s);
    const Descriptor peer = local_stream_socket(path_);
    ASSERT_TRUE(connect_to(peer, local_address(path_)));
    const auto before = steady_clock::now();
    server.reset();
    EXPECT_LT(steady_clock::now() - before, 5s);
}

TEST_F(ControlSocketTest, IsForItsOwnerAndGroupAndLeavesNoFile) {
    {
        const ControlSocket server(path_, says_done);
        EXPECT_EQ(std::filesystem::status(path_).permissions(),
                  static_cast<std::filesystem::perms>(0660));
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(ControlSocketTest, RefusesASecondServerAndTheFirstStays) {
    const ControlSocket server(path_, says_done);
    EXPECT_EQ(refusal(path_),
              path_ +
                  ": another process listens on the control socket (does Roda run already? "
                  "Give each its own `instance`)");
    EXPECT_TRUE(ask_north(reload).done);
}

TEST_F(ControlSocketTest, ReplacesTheFileOfADeadProcess) {
    {
        const Descriptor dead = local_stream_socket(path_);
        const sockaddr_un address = local_address(path_);
        ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
                  0);
    }
    EXPECT_EQ(refusal_of_asking(),
              path_ + ": no Roda of this instance runs (is `roda run` running?)");
    const ControlSocket server(path_, says_done);
    EXPECT_TRUE(ask_north(reload).done);
}

TEST_F(ControlSocketTest, LeavesWhatIsNoSocketAlone) {
    std::ofstream(path_) << "mine";
    EXPECT_EQ(refusal(path_),
              path_ +
                  ": something that is no socket has the name of the control socket (remove "
                  "it, or set another alerts.directory)");
    EXPECT_EQ(std::filesystem::file_size(path_), 4u);
}

TEST_F(ControlSocketTest, LeavesAnothersFileAtTheEnd) {
    {
        const ControlSocket server(path_, says_done);
        std::filesystem::remove(path_);
        std::ofstream(path_) << "another's";
    }
    EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(ControlSocketTest, SaysWhyItCannotListen) {
    EXPECT_EQ(refusal(directory_ + "/none/north.control"),
              directory_ +
                  "/none/north.control: cannot make the control socket: No such file or "
                  "directory (see alerts.directory)");
    const std::string longest = directory_ + '/' + std::string(120, 'x');
    EXPECT_EQ(refusal(longest),
              longest +
                  ": the path of the control socket is too long (at most 107 bytes: shorten "
                  "alerts.directory)");
}

TEST_F(ControlSocketTest, TheClientSaysWhenNobodyIsThereOrAnswers) {
    EXPECT_EQ(refusal_of_asking(),
              path_ + ": no Roda of this instance runs (is `roda run` running?)");
    const ControlSocket server(path_, [](const ControlRequest&) {
        std::this_thread::sleep_for(300ms);
        return ControlReply{true, ""};
    });
    EXPECT_THROW(ask(directory_, "north", reload, 20ms), StartupError);
}

}  // namespace
}  // namespace roda::appliance
