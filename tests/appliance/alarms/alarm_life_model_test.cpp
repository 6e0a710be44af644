// SPDX-License-Identifier: Apache-2.0
// Random lives against alarm_model.hpp: the same transitions, however time is cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <random>
#include <vector>

#include "appliance/alarms/alarm_life.hpp"
#include "tests/appliance/alarms/alarm_model.hpp"

namespace roda::appliance {

// Found by GoogleTest.
void PrintTo(const AlarmChange& change, std::ostream* out) {
    *out << transition_names[static_cast<std::size_t>(change.transition)] << '#' << change.id << '@'
         << change.event_ns;
}

namespace {

using Kind = AlarmInput::Kind;
using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t bound) {
    return random() % bound;
}

AlertLife random_life(Random& random) {
    const auto maybe = [&](std::uint64_t bound) {
        return below(random, 2) == 0 ? 0 : below(random, bound);
    };
    AlertLife life;
    life.on_delay_ns = maybe(6);
    life.off_delay_ns = maybe(6);
    life.min_interval_ns = maybe(15);
    life.latching = below(random, 3) == 0;
    life.flap_changes = static_cast<std::uint32_t>(maybe(6));
    life.flap_within_ns = below(random, 12);
    life.of_last = 1 + static_cast<std::uint32_t>(maybe(5));
    life.at_least = 1 + static_cast<std::uint32_t>(below(random, life.of_last));
    return life;
}

std::vector<AlarmInput> random_inputs(Random& random) {
    std::vector<AlarmInput> inputs;
    const std::uint64_t step = 1 + below(random, 8);
    const std::uint64_t fulfilled_of_ten = 1 + below(random, 9);
    const std::size_t count = 4 + below(random, 30);
    std::uint64_t now = 1;
    for (std::size_t i = 0; i < count; ++i) {
        now += below(random, step);
        // One in sixteen comes late.
        const std::uint64_t at = below(random, 16) == 0 ? now - below(random, now) : now;
        const std::uint64_t dice = below(random, 20);
        if (dice < 15) {
            const bool fulfilled = below(random, 10) < fulfilled_of_ten;
            inputs.push_back({fulfilled ? Kind::fulfilled : Kind::unfulfilled, at});
        } else if (dice < 17) {
            inputs.push_back({Kind::acknowledge, at});
        } else if (dice < 19) {
            inputs.push_back({Kind::shelve, at, now + below(random, 20)});
        } else {
            inputs.push_back({Kind::pass, at});
        }
    }
    if (below(random, 4) == 0) {
        inputs.push_back({Kind::end, now + below(random, 10)});
    } else {
        inputs.push_back({Kind::pass, now + 100});
    }
    return inputs;
}

/// An alarm under test, and all that it brought.
class Subject {
  public:
    explicit Subject(const AlertLife& life) : life_(life) {}

    void take(const AlarmInput& input) {
        switch (input.kind) {
            case Kind::fulfilled:
            case Kind::unfulfilled:
                add(alarms_.judge(cell, life_, input.kind == Kind::fulfilled, input.at));
                break;
            case Kind::pass:
                add(alarms_.pass(cell, life_, input.at));
                break;
            case Kind::acknowledge:
                add(alarms_.acknowledge(cell, life_, input.at));
                break;
            case Kind::shelve:
                add(alarms_.shelve(cell, life_, input.at, input.until));
                break;
            case Kind::end:
                add(alarms_.end(cell, life_, input.at));
                break;
        }
    }

    AlarmCell cell;
    std::vector<AlarmChange> all;
    std::size_t most_at_once = 0;

  private:
    void add(const AlarmChanges& changes) {
        all.insert(all.end(), changes.begin(), changes.end());
        most_at_once = std::max(most_at_once, changes.size());
    }

    static std::uint64_t next_id(void* ids) { return ++*static_cast<std::uint64_t*>(ids); }

    AlertLife life_;
    std::uint64_t ids_ = 0;
    AlarmLife alarms_{next_id, &ids_};
};

constexpr int lives = 4000;

TEST(AlarmLifeModel, RandomLivesBringTheModelsTransitions) {
    Random random(1);
    std::array<int, transition_count> seen{};
    for (int i = 0; i < lives; ++i) {
        const AlertLife life = random_life(random);
        const std::vector<AlarmInput> inputs = random_inputs(random);
        Subject subject(life);
        for (const AlarmInput& input : inputs) {
            subject.take(input);
        }
        ASSERT_EQ(subject.all, AlarmModel(life).transitions(inputs)) << "life " << i;
        for (const AlarmChange& change : subject.all) {
            ++seen[static_cast<std::size_t>(change.transition)];
        }
    }
    EXPECT_GT(*std::min_element(seen.begin(), seen.end()), lives / 20);
}

TEST(AlarmLifeModel, TimePassedInPiecesChangesNothing) {
    Random random(2);
    for (int i = 0; i < lives; ++i) {
        const AlertLife life = random_life(random);
        const std::vector<AlarmInput> inputs = random_inputs(random);
        Subject whole(life);
        Subject pieces(life);
        for (const AlarmInput& input : inputs) {
            whole.take(input);
            std::uint64_t now = pieces.cell.last_ns;
            while (now < input.at) {
                now += 1 + below(random, 5);
                pieces.take({Kind::pass, std::min(now, input.at)});
            }
            pieces.take(input);
        }
        ASSERT_EQ(pieces.all, whole.all) << "life " << i;
    }
}

TEST(AlarmLifeModel, NothingHappensBeforeItIsDue) {
    Random random(3);
    for (int i = 0; i < lives; ++i) {
        const AlertLife life = random_life(random);
        Subject subject(life);
        for (const AlarmInput& input : random_inputs(random)) {
            subject.take(input);
            const std::uint64_t now = subject.cell.last_ns;
            const std::uint64_t due = AlarmLife::due_ns(subject.cell, life);
            ASSERT_GT(due, now) << "life " << i;
            Subject later = subject;
            later.take({Kind::pass, std::min(due - 1, now + 1000)});
            ASSERT_EQ(later.all, subject.all) << "life " << i;
            ASSERT_EQ(AlarmLife::due_ns(later.cell, life), due) << "life " << i;
            ASSERT_EQ(AlarmLife::is_at_rest(later.cell, life),
                      AlarmLife::is_at_rest(subject.cell, life));
        }
    }
}

TEST(AlarmLifeModel, CellAtRestIsAsGoodAsNew) {
    Random random(4);
    int forgotten = 0;
    for (int i = 0; i < lives; ++i) {
        const AlertLife life = random_life(random);
        Subject keeps(life);
        Subject forgets(life);
        for (AlarmInput input : random_inputs(random)) {
            // Only the newest time is lost with the cell.
            input.at = std::max(input.at, keeps.cell.last_ns);
            keeps.take(input);
            forgets.take(input);
            if (AlarmLife::is_at_rest(forgets.cell, life)) {
                forgets.cell = AlarmCell{};
                ++forgotten;
            }
        }
        ASSERT_EQ(forgets.all, keeps.all) << "life " << i;
    }
    EXPECT_GT(forgotten, lives);
}

/// The diagram of alert_record.hpp, one occurrence at a time.
testing::AssertionResult is_path(const std::vector<AlarmChange>& all, std::uint64_t id) {
    std::string path;
    for (const AlarmChange& change : all) {
        if (change.id == id) {
            path += "pcfRaFsu"[static_cast<std::size_t>(change.transition)];
        }
    }
    if (path.empty()) {
        return testing::AssertionSuccess();
    }
    const bool begins = std::string("pfs").find(path.front()) != std::string::npos;
    const std::size_t end = path.find_first_of("cR");
    const bool ends = end == path.size() - 1;
    const auto count = [&](char letter) { return std::count(path.begin(), path.end(), letter); };
    std::string bare = path;
    std::erase_if(bare,
                  [](char letter) { return letter == 's' || letter == 'u' || letter == 'a'; });
    bool follows = true;
    for (std::size_t i = 0; i + 1 < bare.size(); ++i) {
        const std::string after = bare[i] == 'p' ? "cf" : bare[i] == 'f' ? "RF" : "fR";
        follows = follows && after.find(bare[i + 1]) != std::string::npos;
    }
    const bool acknowledges_what_fires = count('a') == 0 || path.find('f') < path.find('a');
    if (begins && ends && follows && acknowledges_what_fires && count('a') <= 1 &&
        count('s') == count('u')) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << path;
}

TEST(AlarmLifeModel, RecordsOfAnOccurrenceAreAPathOfTheDiagram) {
    Random random(5);
    for (int i = 0; i < lives; ++i) {
        const AlertLife life = random_life(random);
        Subject subject(life);
        for (const AlarmInput& input : random_inputs(random)) {
            subject.take(input);
        }
        subject.take({Kind::end, subject.cell.last_ns});
        EXPECT_TRUE(AlarmLife::is_at_rest(subject.cell, life));
        for (std::uint64_t id = 1; id < 40; ++id) {
            ASSERT_TRUE(is_path(subject.all, id)) << "life " << i << " id " << id;
        }
    }
}

}  // namespace
}  // namespace roda::appliance
