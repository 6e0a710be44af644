// SPDX-License-Identifier: Apache-2.0
// A cursor over all lanes of a journal that several writers fill, each his own file: records in
// order within a lane, in no order between lanes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/base/error.hpp"
#include "pipeline/fleet/lane_files.hpp"
#include "pipeline/store/broadcast_journal.hpp"

namespace roda {

/// Thread: one. Writers do not know of it.
template <SharedPod T>
class LaneCursor {
    using Reader = BroadcastReader<T>;

  public:
    using From = typename Reader::From;

    /// What poll() brought, all of one lane.
    struct Polled {
        std::uint32_t lane = 0;
        std::size_t records = 0;   // copied to the front of `out`
        std::uint64_t missed = 0;  // overwritten before they could be read, just before these
    };

    /// What one look at the directory changed.
    struct Changes {
        std::size_t appeared = 0;   // lanes that were not there before
        std::size_t replaced = 0;   // files that another one took the place of
        std::size_t restarted = 0;  // writers that were started again
    };

    struct LaneState {
        std::uint32_t lane = 0;
        std::uint64_t next_sequence = 0;
        std::uint64_t created_ns = 0;  // of its file: another one has another
        std::uint64_t epoch = 0;
        std::uint64_t heartbeat_ns = 0;
        std::uint64_t missed = 0;  // since this cursor began
    };

    /// A file that is there and cannot be read, and why.
    struct Fault {
        std::string path;
        std::string what;
    };

    /// The lanes `PREFIX.N` that are there; none is no error, refresh() finds those that come.
    LaneCursor(std::string prefix, std::uint64_t schema, From from)
        : prefix_(std::move(prefix)), schema_(schema) {
        look(begin_of(from));
    }

    /// One file, whatever its name; its lane is 0.
    static LaneCursor of_file(std::string path, std::uint64_t schema, From from) {
        LaneCursor cursor(schema);
        cursor.single_ = std::move(path);
        cursor.look(begin_of(from));
        return cursor;
    }

    /// Copies the next records of one lane out; the lanes take turns. Nothing when none has any.
    Polled poll(std::span<T> out) noexcept {
        for (std::size_t tried = 0; tried < lanes_.size(); ++tried) {
            Lane& lane = lanes_[turn_];
            turn_ = turn_ + 1 < lanes_.size() ? turn_ + 1 : 0;
            const auto polled = lane.reader.poll(out);
            if (polled.records != 0 || polled.missed != 0) {
                lane.missed += polled.missed;
                missed_ += polled.missed;
                return {lane.number, polled.records, polled.missed};
            }
        }
        return {};
    }

    /// Looks for new lanes, and for files in another's place, which are gone over to when all of
    /// the old one was read. Both are read from their first record on: those that are no longer
    /// held count as missed. To be called now and then.
    ///
    /// Cost: lists a directory; not for the hot path.
    Changes refresh() { return look(Begin::first); }

    /// Goes on where an earlier run stood: with the lane, the created_ns and the next_sequence that
    /// lanes() told it. False, and no move, when there is no such lane, another file has taken its
    /// place, or the sequence is beyond its head.
    bool seek(const LaneState& kept) noexcept {
        Lane* const found = find(kept.lane);
        return found != nullptr && found->reader.created_ns() == kept.created_ns &&
               found->reader.seek(kept.next_sequence);
    }

    /// Waits until a lane has records; false when the patience ended first. As
    /// AttachedReader::wait(); naps when one lane's bell is not to be had.
    bool wait(std::chrono::nanoseconds patience) {
        std::vector<Wake*> bells;
        for (Lane& lane : lanes_) {
            bells.push_back(lane.reader.bell());
        }
        return wait_for_journals(bells, patience, [this] {
            for (const Lane& lane : lanes_) {
                if (lane.reader.has_next()) {
                    return true;
                }
            }
            return false;
        });
    }

    /// By lane number.
    std::vector<LaneState> lanes() const {
        std::vector<LaneState> states;
        for (const Lane& lane : lanes_) {
            states.push_back({lane.number,
                              lane.reader.get_index(),
                              lane.reader.created_ns(),
                              lane.reader.epoch(),
                              lane.reader.heartbeat_ns(),
                              lane.missed});
        }
        return states;
    }

    /// What the last look could not read.
    const std::vector<Fault>& faults() const noexcept { return faults_; }

    /// Records missed in all lanes since this cursor began.
    std::uint64_t missed() const noexcept { return missed_; }

  private:
    /// Where a file is begun: at its first record held, at the first that it ever had, or at its
    /// head.
    enum class Begin : std::uint8_t { held, first, head };

    static Begin begin_of(From from) noexcept {
        return from == From::head ? Begin::head : Begin::held;
    }

    struct Lane {
        std::uint32_t number;
        std::uint64_t file;  // file_identity() of what the reader has mapped
        std::uint64_t epoch;
        std::uint64_t missed;
        Reader reader;
    };

    explicit LaneCursor(std::uint64_t schema) : schema_(schema) {}

    std::vector<LaneFile> files() const {
        if (single_.empty()) {
            return find_lane_files(prefix_);
        }
        return file_identity(single_) == 0 ? std::vector<LaneFile>{}
                                           : std::vector<LaneFile>{{0, single_}};
    }

    Lane* find(std::uint32_t number) noexcept {
        const auto at = std::find_if(
            lanes_.begin(), lanes_.end(), [&](const Lane& lane) { return lane.number == number; });
        return at == lanes_.end() ? nullptr : &*at;
    }

    Changes look(Begin begin) {
        Changes changes;
        faults_.clear();
        for (const LaneFile& file : files()) {
            try {
                look_at(file, begin, changes);
            } catch (const StartupError& error) {
                faults_.push_back({file.path, error.what()});
            }
        }
        return changes;
    }

    /// Opens the file that the name stands for, and knows which it is: one that is put in its
    /// place meanwhile must not be taken for it, or its records would come twice.
    Lane open(const LaneFile& file, Begin begin) const {
        for (;;) {
            const std::uint64_t identity = file_identity(file.path);
            Reader reader(file.path, schema_, begin == Begin::head ? From::head : From::start);
            if (begin == Begin::first) {
                reader.seek(0);
            }
            if (file_identity(file.path) == identity) {
                const std::uint64_t epoch = reader.epoch();
                return Lane{file.lane, identity, epoch, 0, std::move(reader)};
            }
        }
    }

    void look_at(const LaneFile& file, Begin begin, Changes& changes) {
        Lane* const lane = find(file.lane);
        if (lane == nullptr) {
            const auto at = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& each) {
                return each.number > file.lane;
            });
            lanes_.insert(at, open(file, begin));
            ++changes.appeared;
        } else if (lane->file != file_identity(file.path)) {
            if (!lane->reader.has_next()) {
                Lane next = open(file, Begin::first);
                next.missed = lane->missed;
                *lane = std::move(next);
                ++changes.replaced;
            }
        } else if (const std::uint64_t epoch = lane->reader.epoch(); epoch != lane->epoch) {
            lane->epoch = epoch;
            ++changes.restarted;
        }
    }

    std::string prefix_;
    std::string single_;
    std::uint64_t schema_;
    std::vector<Lane> lanes_;  // by number
    std::vector<Fault> faults_;
    std::size_t turn_ = 0;
    std::uint64_t missed_ = 0;
};

}  // namespace roda
