// SPDX-License-Identifier: Apache-2.0
// A lapping journal in a shared-memory file: one writer process, any number of readers in other
// processes that map it read-only and cannot hold the writer back. The ordering is journal.hpp's.
#pragma once

#include <unistd.h>
#include <algorithm>
#include <string>

#include "pipeline/store/journal.hpp"

namespace roda {

/// The writing side. A restarted writer goes on with the sequence under a new epoch; a dead one
/// shows in a heartbeat that stands still. A file that holds anything else is replaced by a new
/// one: readers keep the old one, which stands still, and attach again.
template <SharedPod T>
class BroadcastJournal : public Journal<T, FullPolicy::lap> {
  public:
    /// Errors: StartupError when the file cannot be had or another process writes it.
    BroadcastJournal(const std::string& path, const JournalOptions& options)
        : Journal<T, FullPolicy::lap>(open_region(path, options), options) {
        SharedCounter& epoch = this->mutable_header().epoch;
        const std::uint64_t now_ns = unix_now_ns();
        // A clock that was set back must not bring an old epoch back.
        epoch.store(std::max(now_ns, epoch.load(std::memory_order_relaxed) + 1),
                    std::memory_order_release);
        beat(now_ns);
    }

    /// Tells readers that the writer lives. Thread: writer. Units: Unix time.
    void beat(std::uint64_t now_ns) noexcept {
        this->mutable_header().heartbeat_ns.store(now_ns, std::memory_order_relaxed);
    }

  private:
    static Region open_region(const std::string& path, const JournalOptions& options) {
        const JournalShape shape = JournalShape::of(options, sizeof(T));
        Region region = Region::shared_file(path, shape.region_bytes());
        if (region.existing() && !shape.can_go_on(region.data(), region.bytes(), options)) {
            // Never rewritten in place: a reader that has it mapped would take new bytes for old.
            ::unlink(path.c_str());
            region = Region::shared_file(path, shape.region_bytes());  // the old lock is held on
        }
        return region;
    }
};

/// The reading side, in any process.
template <SharedPod T>
class BroadcastReader {
  public:
    enum class From : std::uint8_t { start, head };

    /// Maps an existing journal read-only; from `start` means the oldest record still held.
    ///
    /// Errors: StartupError when the file is no journal of T, is truncated, or of another version.
    BroadcastReader(const std::string& path, std::uint64_t schema, From from)
        : region_(Region::attach_read_only(path)), reader_(attach(path, schema, from)) {}

    /// As Journal::Reader::poll().
    typename Journal<T, FullPolicy::lap>::Reader::Polled poll(std::span<T> out) noexcept {
        return reader_.poll(out);
    }

    /// The sequence of the next record that poll() will look at.
    std::uint64_t get_index() const noexcept { return reader_.get_index(); }

    /// Changes when the writer was started again.
    std::uint64_t epoch() const noexcept { return header().epoch.load(std::memory_order_acquire); }

    /// Units: Unix time of the writer's last sign of life.
    std::uint64_t heartbeat_ns() const noexcept {
        return header().heartbeat_ns.load(std::memory_order_relaxed);
    }

  private:
    using Reader = typename Journal<T, FullPolicy::lap>::Reader;

    const JournalHeader& header() const noexcept {
        return *reinterpret_cast<const JournalHeader*>(region_.data());
    }

    Reader attach(const std::string& path, std::uint64_t schema, From from) const {
        const JournalShape shape{1, 0, sizeof(T)};
        const std::string fault = shape.mismatch(region_.data(), region_.bytes(), schema);
        if (!fault.empty()) {
            throw StartupError(fault, path, "use the tools of the same release as the writer");
        }
        const std::uint64_t end = header().published.load(std::memory_order_acquire);  // P2
        const std::uint64_t claimed = header().claimed.load(std::memory_order_relaxed);
        const std::uint64_t ring = header().ring_records;
        // The first record held is where a new reader begins: it has missed nothing yet.
        const std::uint64_t oldest = claimed > ring ? claimed - ring : 0;
        const auto* records = reinterpret_cast<const T*>(region_.data() + journal_data_offset);
        return Reader(&header(), records, from == From::head ? end : std::min(oldest, end));
    }

    Region region_;
    Reader reader_;
};

}  // namespace roda
