// SPDX-License-Identifier: Apache-2.0
// The records that an alarm's story must bring, given the whole story: alarm_model.hpp's second
// half.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "appliance/alarms/alarm_life.hpp"

namespace roda::appliance {

/// What truly happened, whoever was told.
struct AlarmHappening {
    enum class What : std::uint8_t {
        holds,
        is_gone,  // the condition
        began,
        fired,
        flapped,
        steadied,
        acknowledged,
        ended,
        shelved,
        unshelved,
    };

    What what;
    std::uint64_t at;
    std::uint64_t id = 0;     // of the occurrence
    bool by_person = false;   // of `ended`
    std::uint64_t until = 0;  // of `shelved`
};

/// The records of what happened: each thing when it happens or, behind a shelf, what is left of it
/// when the shelf ends.
class AlarmRecords {
  public:
    explicit AlarmRecords(const std::vector<AlarmHappening>& happened) : happened_(happened) {}

    std::vector<AlarmChange> all() {
        bool shelf = false;
        for (seen_ = 1; seen_ <= happened_.size(); ++seen_) {
            const AlarmHappening& it = happened_[seen_ - 1];
            if (it.what == What::shelved) {
                shelf = true;
                if (has_happened(it.id, What::began) && !has_happened(it.id, What::ended) &&
                    open_shelf() == 0) {
                    told_.push_back({Transition::shelved, it.at, it.id});
                }
            } else if (it.what == What::unshelved) {
                shelf = false;
                end_shelf(it);
            } else if (!shelf) {
                tell(it);
            }
        }
        return told_;
    }

  private:
    using What = AlarmHappening::What;

    void tell(const AlarmHappening& it) {
        const bool more = seen_ < happened_.size() && happened_[seen_].at == it.at;
        const bool fires = more && happened_[seen_].what == What::fired;
        const bool ends =
            more && happened_[seen_].what == What::ended && !happened_[seen_].by_person;
        const auto add = [&](Transition transition) {
            told_.push_back({transition, it.at, it.id});
        };
        if (it.what == What::began && !fires) {
            add(Transition::pending);
        } else if (it.what == What::fired || (it.what == What::steadied && !ends)) {
            add(Transition::firing);
        } else if (it.what == What::flapped) {
            add(Transition::flapping);
        } else if (it.what == What::acknowledged) {
            add(Transition::acknowledged);
        } else if (it.what == What::ended) {
            add(has_happened(it.id, What::fired) ? Transition::resolved : Transition::cancelled);
        }
    }

    void end_shelf(const AlarmHappening& it) {
        if (open_shelf() != 0) {
            told_.push_back({Transition::unshelved, it.at, open_shelf()});
        }
        for (std::uint64_t id = 1; id <= it.id; ++id) {
            if (has_happened(id, What::ended)) {
                end_occurrence(id, it.at);
            } else {
                catch_up(id, it.at);
            }
        }
    }

    void end_occurrence(std::uint64_t id, std::uint64_t at) {
        bool begun = false;
        for (const AlarmChange& change : told_) {
            begun |= change.id == id;
        }
        if (begun && !is_told(id, Transition::resolved) && !is_told(id, Transition::cancelled)) {
            const bool fired = is_told(id, Transition::firing);
            told_.push_back({fired ? Transition::resolved : Transition::cancelled, at, id});
        }
    }

    void catch_up(std::uint64_t id, std::uint64_t at) {
        if (!has_happened(id, What::fired)) {
            if (!is_told(id, Transition::pending)) {
                told_.push_back({Transition::pending, at, id});
            }
            return;
        }
        bool flaps = false;
        for (std::size_t i = 0; i < seen_; ++i) {
            if (happened_[i].id == id) {
                flaps = happened_[i].what == What::flapped ||
                        (flaps && happened_[i].what != What::steadied);
            }
        }
        bool told_flaps = false;
        for (const AlarmChange& change : told_) {
            if (change.id == id && (change.transition == Transition::flapping ||
                                    change.transition == Transition::firing)) {
                told_flaps = change.transition == Transition::flapping;
            }
        }
        if (!is_told(id, Transition::firing) || (told_flaps && !flaps)) {
            told_.push_back({Transition::firing, at, id});
        }
        if (flaps && !told_flaps) {
            told_.push_back({Transition::flapping, at, id});
        }
        if (has_happened(id, What::acknowledged) && !is_told(id, Transition::acknowledged)) {
            told_.push_back({Transition::acknowledged, at, id});
        }
    }

    /// By what was seen so far.
    bool has_happened(std::uint64_t id, What what) const {
        for (std::size_t i = 0; i < seen_; ++i) {
            if (happened_[i].id == id && happened_[i].what == what) {
                return true;
            }
        }
        return false;
    }

    bool is_told(std::uint64_t id, Transition transition) const {
        for (const AlarmChange& change : told_) {
            if (change.id == id && change.transition == transition) {
                return true;
            }
        }
        return false;
    }

    /// The occurrence that was told to be shelved and not yet to be unshelved; 0: none.
    std::uint64_t open_shelf() const {
        std::uint64_t open = 0;
        for (const AlarmChange& change : told_) {
            if (change.transition == Transition::shelved) {
                open = change.id;
            } else if (change.transition == Transition::unshelved) {
                open = 0;
            }
        }
        return open;
    }

    const std::vector<AlarmHappening>& happened_;
    std::size_t seen_ = 0;
    std::vector<AlarmChange> told_;
};

}  // namespace roda::appliance
