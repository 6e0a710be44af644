// SPDX-License-Identifier: Apache-2.0
// What the supervisor does with rules while it runs: reload them, and what people ask of alarms.
#include "appliance/alerting/explanation.hpp"
#include "appliance/rules/load_rules.hpp"
#include "appliance/supervisor.hpp"
#include "pipeline/base/clock.hpp"
#include "pipeline/base/error.hpp"

namespace roda::appliance {
namespace {

constexpr const char* no_answer =
    "a worker does not answer: it hangs, or has ended; see the log and `roda status`";

std::string plural(std::uint64_t count, const char* what) {
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

}  // namespace

std::shared_ptr<RuleEdition> Supervisor::load_edition(const Config& config) {
    return std::make_shared<RuleEdition>(load_rules(config, series_), edition_.get());
}

/// To status() and whoever looks at rules by name.
void Supervisor::show_edition(std::shared_ptr<RuleEdition> edition) {
    auto names = std::make_shared<const std::vector<SeriesRegistry::Series>>(series_.all());
    const std::lock_guard lock(rules_mutex_);
    edition_ = std::move(edition);
    series_names_ = std::move(names);
    reload_status_.rules = edition_->book->rules().size();
    reload_status_.points = edition_->book->points().size();
    web_->set_book(edition_->book);
}

void Supervisor::note_reload(bool done, std::uint64_t began_ns) {
    const std::uint64_t now_ns = unix_now_ns();
    const std::lock_guard lock(rules_mutex_);
    ++reload_status_.total;
    reload_status_.failed += done ? 0 : 1;
    reload_status_.last_ok = done;
    reload_status_.seconds = static_cast<double>(now_ns - began_ns) * 1e-9;
    if (done) {
        reload_status_.last_success_ns = now_ns;
    }
}

ControlReply Supervisor::reload() {
    const std::lock_guard lock(reload_mutex_);
    const std::uint64_t began_ns = unix_now_ns();
    ControlReply reply;
    try {
        if (config_path_.empty()) {
            throw StartupError("this instance was started without a file", "reload", "");
        }
        const Config config = load_config(config_path_);
        const auto edition = load_edition(config);
        const auto before = edition_;  // freed here, not by a worker
        if (!shards_->reload(edition)) {
            throw StartupError(no_answer, "reload", "");
        }
        show_edition(edition);
        if (recorder_ != nullptr) {
            recorder_->set_rules(config.rules);
        }
        reply = {true,
                 plural(edition->book->rules().size(), "rule") + " in force, of " +
                     plural(edition->book->inventory().entries().size(), "sensor") +
                     " in the inventory"};
    } catch (const std::exception& failure) {
        reply = {false, std::string("the rules stay as they are: ") + failure.what()};
    }
    note_reload(reply.done, began_ns);
    return reply;
}

ControlReply Supervisor::control(const ControlRequest& request) {
    switch (request.verb) {
        case ControlVerb::reload:
            return reload();
        case ControlVerb::explain:
            return explain(request);
        default:
            return order(request);
    }
}

ControlReply Supervisor::order(const ControlRequest& request) {
    const std::lock_guard lock(reload_mutex_);
    const auto done = shards_->order(request);
    if (!done) {
        return {false, no_answer};
    }
    const char* const verb = request.verb == ControlVerb::acknowledge ? "acknowledged"
                             : request.verb == ControlVerb::shelve    ? "shelved"
                                                                      : "unshelved";
    if (*done == 0) {
        return {false, std::string("nothing to be ") + verb + ": no such alarm"};
    }
    return {true, std::string(verb) + ": " + std::to_string(*done)};
}

ControlReply Supervisor::explain(const ControlRequest& request) {
    const std::lock_guard lock(reload_mutex_);
    const std::uint64_t sensor_id = request.alarms.sensor_id.value_or(0);
    const auto all = shards_->explain(sensor_id);
    if (!all) {
        return {false, no_answer};
    }
    if (all->empty()) {
        return {false, "sensor " + std::to_string(sensor_id) + " was never heard of"};
    }
    std::string text;
    for (const SensorExplanation& one : *all) {
        text += request.json ? to_json(one, *edition_->book) + '\n'
                             : to_text(one, *edition_->book, unix_now_ns());
    }
    return {true, text};
}

}  // namespace roda::appliance
