// SPDX-License-Identifier: Apache-2.0
// What an alarm's life must come to, told slowly: every question is answered by looking through all
// that has happened so far, and time goes by one tick after the other. Nothing is remembered but
// the list of what happened.
#pragma once

#include <cstdint>
#include <vector>

#include "appliance/alarms/alarm_life.hpp"
#include "tests/appliance/alarms/alarm_model_records.hpp"

namespace roda::appliance {

/// What is done to an alarm, in order. Times are small: the model counts up to them.
struct AlarmInput {
    enum class Kind : std::uint8_t { fulfilled, unfulfilled, pass, acknowledge, shelve, end };

    Kind kind;
    std::uint64_t at;
    std::uint64_t until = 0;  // of shelve
};

class AlarmModel {
  public:
    explicit AlarmModel(const AlertLife& life) : life_(life) {}

    /// All transitions that these inputs bring.
    std::vector<AlarmChange> transitions(const std::vector<AlarmInput>& inputs) {
        for (const AlarmInput& input : inputs) {
            while (now_ < input.at) {
                ++now_;
                tick();
            }
            take(input);
        }
        return AlarmRecords(all_).all();
    }

  private:
    using What = AlarmHappening::What;
    using Happening = AlarmHappening;

    void tick() {
        if (is_shelved() && now_ == last(What::shelved)->until) {
            happen(What::unshelved);
        }
        while (move_on()) {
        }
    }

    void take(const AlarmInput& input) {
        switch (input.kind) {
            case AlarmInput::Kind::fulfilled:
            case AlarmInput::Kind::unfulfilled:
                readings_.push_back(input.kind == AlarmInput::Kind::fulfilled);
                if (holds_by_readings() != holds()) {
                    happen(holds() ? What::is_gone : What::holds);
                }
                while (move_on()) {
                }
                break;
            case AlarmInput::Kind::pass:
                break;
            case AlarmInput::Kind::acknowledge:
                if (is_standing() && !occurrence_has(What::acknowledged)) {
                    const bool waited = is_over_but_for_latch();
                    happen(What::acknowledged);
                    if (waited) {
                        happen(What::ended);
                        all_.back().by_person = true;
                    }
                }
                break;
            case AlarmInput::Kind::shelve:
                if (input.until > now_) {
                    happen(What::shelved);
                    all_.back().until = input.until;
                } else if (is_shelved()) {
                    happen(What::unshelved);
                }
                break;
            case AlarmInput::Kind::end:
                if (is_under_way()) {
                    happen(What::ended);
                    all_.back().by_person = true;
                }
                happen(What::unshelved);
                break;
        }
    }

    /// One thing that must happen now; false: none.
    bool move_on() {
        if (!is_under_way()) {
            if (holds()) {
                ++ids_;
                happen(What::began);
                return true;
            }
            return false;
        }
        if (!is_standing()) {
            return move_on_pending();
        }
        if (is_flapping()) {
            if (!is_steady()) {
                return false;
            }
            happen(What::steadied);
            if (!holds() && (!life_.latching || occurrence_has(What::acknowledged))) {
                happen(What::ended);
            }
            return true;
        }
        const bool latched = life_.latching && !occurrence_has(What::acknowledged);
        if (holds() || latched || now_ - changed_at() < life_.off_delay_ns) {
            return false;
        }
        happen(reaches_flapping() ? What::flapped : What::ended);
        return true;
    }

    bool move_on_pending() {
        if (!holds()) {
            happen(What::ended);
            return true;
        }
        const Happening* fired = last(What::fired);
        if (now_ - changed_at() < life_.on_delay_ns ||
            (fired != nullptr && now_ - fired->at < life_.min_interval_ns)) {
            return false;
        }
        const bool flaps = reaches_flapping();
        happen(What::fired);
        if (flaps) {
            happen(What::flapped);
        }
        return true;
    }

    /// Whether one more change, now, would be the one too many.
    bool reaches_flapping() const {
        std::vector<std::uint64_t> window;
        const auto count = [&](std::uint64_t at) {
            if (!window.empty() && at - window.front() >= life_.flap_within_ns) {
                window.clear();
            }
            window.push_back(at);
        };
        bool of_flapping = false;
        for (const Happening& it : all_) {
            if (it.what == What::flapped) {
                window.clear();
            }
            // What ended with the flapping, at the same moment, is no change of its own.
            const bool counts =
                it.what == What::fired ||
                (it.what == What::ended && !it.by_person && !of_flapping && has_fired(it.id));
            of_flapping = it.what == What::steadied;
            if (counts) {
                count(it.at);
            }
        }
        count(now_);
        return life_.flap_changes != 0 && window.size() >= life_.flap_changes && !is_steady();
    }

    bool holds_by_readings() const {
        std::uint32_t fulfilled = 0;
        for (std::size_t i = 0; i < readings_.size() && i < life_.of_last; ++i) {
            fulfilled += readings_[readings_.size() - 1 - i] ? 1 : 0;
        }
        return fulfilled >= life_.at_least;
    }

    const Happening* last(What what) const {
        for (auto it = all_.rbegin(); it != all_.rend(); ++it) {
            if (it->what == what) {
                return &*it;
            }
        }
        return nullptr;
    }

    bool occurrence_has(What what) const {
        const Happening* found = last(what);
        return found != nullptr && found->id == ids_;
    }

    bool has_fired(std::uint64_t id) const {
        for (const Happening& it : all_) {
            if (it.what == What::fired && it.id == id) {
                return true;
            }
        }
        return false;
    }

    bool holds() const {
        for (auto it = all_.rbegin(); it != all_.rend(); ++it) {
            if (it->what == What::holds || it->what == What::is_gone) {
                return it->what == What::holds;
            }
        }
        return false;
    }

    std::uint64_t changed_at() const { return last(holds() ? What::holds : What::is_gone)->at; }

    bool is_steady() const { return now_ - changed_at() >= life_.flap_within_ns; }

    bool is_under_way() const { return ids_ != 0 && !occurrence_has(What::ended); }

    bool is_standing() const { return is_under_way() && occurrence_has(What::fired); }

    bool is_flapping() const {
        for (auto it = all_.rbegin(); it != all_.rend() && it->id == ids_; ++it) {
            if (it->what == What::flapped || it->what == What::steadied) {
                return it->what == What::flapped;
            }
        }
        return false;
    }

    bool is_over_but_for_latch() const {
        if (!life_.latching || holds() || is_flapping()) {
            return false;
        }
        const Happening* steadied = last(What::steadied);
        const bool by_flapping =
            steadied != nullptr && steadied->id == ids_ && steadied > last(What::is_gone);
        return by_flapping || now_ - changed_at() >= life_.off_delay_ns;
    }

    bool is_shelved() const {
        for (auto it = all_.rbegin(); it != all_.rend(); ++it) {
            if (it->what == What::shelved || it->what == What::unshelved) {
                return it->what == What::shelved;
            }
        }
        return false;
    }

    void happen(What what) { all_.push_back({what, now_, ids_}); }

    AlertLife life_;
    std::uint64_t now_ = 0;
    std::uint64_t ids_ = 0;
    std::vector<bool> readings_;
    std::vector<Happening> all_;
};

}  // namespace roda::appliance
