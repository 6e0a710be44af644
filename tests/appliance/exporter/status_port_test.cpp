// SPDX-License-Identifier: Apache-2.0
// What `roda status` says of the port: from the Status through the page to the text and the JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "appliance/exporter/status_text.hpp"
#include "tests/appliance/exporter/sample.hpp"

namespace roda::appliance {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

StatusPicture picture_of(const Status& status, RunState state = RunState::receiving) {
    StatusPicture picture;
    picture.page = status_page(status, state);
    picture.instance = "hall-7";
    picture.alive = true;
    picture.now_ns = status.started_ns + 1;
    return picture;
}

TEST(StatusOfThePort, ShowsLinkRestartsNotesAndHowEachShardRests) {
    const StatusPicture picture = picture_of(sample_status());
    EXPECT_THAT(to_text(picture, {}),
                AllOf(HasSubstr("port      net_tap0,iface=roda0 (net_tap), link up, link changes: "
                                "29, restarts: 31\n"
                                "          net_tap has no receive interrupts: an idle worker looks "
                                "<often>\n"
                                "          net_tap spreads by itself\n"
                                "memory "),
                      HasSubstr(" 11  interrupt\n"),
                      HasSubstr(" 14        nap\n")));
    EXPECT_THAT(
        to_json(picture, {}),
        AllOf(HasSubstr(R"("link_up":true,"link_changes":29,"port_restarts":31,)"
                        R"("port_removed":false,"port_notes":["net_tap has no receive )"
                        R"(interrupts: an idle worker looks <often>","net_tap spreads by itself"],)"
                        R"("memory":)"),
              HasSubstr(R"("idle_steps":11,"rests_by_interrupt":true})"),
              HasSubstr(R"("idle_steps":14,"rests_by_interrupt":false})")));
}

TEST(StatusOfThePort, AnEventlessPortHasNothingToSay) {
    Status status = sample_status();
    status.port_events = {};
    status.port_notes.clear();
    const StatusPicture picture = picture_of(status);
    EXPECT_THAT(to_text(picture, {}), HasSubstr(" (net_tap), link up\nmemory "));
    EXPECT_THAT(to_json(picture, {}), HasSubstr(R"("port_notes":[],"memory":)"));
}

TEST(StatusOfThePort, ARemovedDeviceIsNotReceiving) {
    Status status = sample_status();
    status.port_events.removed = true;
    const StatusPicture picture = picture_of(status, RunState::port_removed);
    EXPECT_THAT(to_text(picture, {}),
                AllOf(HasSubstr("hall-7, the port is GONE, running for "),
                      HasSubstr(" (net_tap), GONE, "),
                      Not(HasSubstr("link up"))));
    EXPECT_THAT(to_json(picture, {}),
                AllOf(HasSubstr(R"("state":"port_removed")"), HasSubstr(R"("port_removed":true)")));
}

TEST(StatusOfThePort, NotesThatDoNotFitAreCut) {
    Status status = sample_status();
    status.port_notes = {std::string(2000, 'x')};
    const StatusPicture picture = picture_of(status);
    EXPECT_THAT(picture.notes(), ElementsAre(std::string(sizeof(picture.page.notes), 'x')));
}

}  // namespace
}  // namespace roda::appliance
