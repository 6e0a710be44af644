// SPDX-License-Identifier: Apache-2.0
// An alarm for tests, whose transitions can be read.
#pragma once

#include <cstdint>
#include <string>

#include "appliance/alarms/alarm_life.hpp"

namespace roda::appliance {

/// One alarm; each call returns its transitions as "firing 1 @10, ..."; ids count from 1.
class AlarmInWords {
  public:
    explicit AlarmInWords(const AlertLife& life) : life_(life) {}

    std::string holds(std::uint64_t at) { return text(alarms_.judge(cell, life_, true, at)); }

    std::string is_gone(std::uint64_t at) { return text(alarms_.judge(cell, life_, false, at)); }

    std::string pass(std::uint64_t at) { return text(alarms_.pass(cell, life_, at)); }

    std::string acknowledge(std::uint64_t at) { return text(alarms_.acknowledge(cell, life_, at)); }

    std::string shelve(std::uint64_t at, std::uint64_t until) {
        return text(alarms_.shelve(cell, life_, at, until));
    }

    std::string end(std::uint64_t at) { return text(alarms_.end(cell, life_, at)); }

    std::uint64_t due() const { return AlarmLife::due_ns(cell, life_); }

    bool is_at_rest() const { return AlarmLife::is_at_rest(cell, life_); }

    AlarmCell cell;

  private:
    static std::uint64_t next_id(void* ids) { return ++*static_cast<std::uint64_t*>(ids); }

    static std::string text(const AlarmChanges& changes) {
        std::string all;
        for (const AlarmChange& change : changes) {
            all += all.empty() ? "" : ", ";
            all += transition_names[static_cast<std::size_t>(change.transition)];
            all += ' ' + std::to_string(change.id) + " @" + std::to_string(change.event_ns);
        }
        return all;
    }

    AlertLife life_;
    std::uint64_t ids_ = 0;
    AlarmLife alarms_{next_id, &ids_};
};

}  // namespace roda::appliance
