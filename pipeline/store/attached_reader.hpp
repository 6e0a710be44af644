// SPDX-License-Identifier: Apache-2.0
// The way into another process's journal: its file mapped read-only, checked, and read with the
// same Reader as inside the process. The ordering is journal.hpp's.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "pipeline/memory/region.hpp"
#include "pipeline/store/full_policy.hpp"
#include "pipeline/store/journal.hpp"
#include "pipeline/store/wake_file.hpp"

namespace roda {

/// A journal's file as a reader in another process has it: cannot change it, cannot hold its
/// writer back.
class AttachedFile {
  public:
    /// Maps an existing file read-only; never creates one.
    ///
    /// Errors: StartupError when it is no journal of such records and policy, is truncated, or of
    /// another version.
    AttachedFile(const std::string& path,
                 std::uint64_t record_bytes,
                 std::uint64_t schema,
                 FullPolicy policy)
        : path_(path),
          region_(attach_layout(path,
                                [&](MappedBytes file) {
                                    const JournalShape records{1, 0, record_bytes};
                                    std::string fault =
                                        records.mismatch(file.data(), file.size(), schema);
                                    return fault.empty() ? policy_fault(file, policy) : fault;
                                })),
          ring_records_(header().ring_records),
          created_ns_(header().created_ns) {
        // Once more on the copy, which nobody can change now.
        if (std::string fault = extent_fault(bytes_of(region_), ring_records_, record_bytes);
            !fault.empty() || !std::has_single_bit(ring_records_)) {
            refuse_layout(path, fault.empty() ? impossible_geometry("its header changes") : fault);
        }
    }

    const JournalHeader& header() const noexcept {
        return *reinterpret_cast<const JournalHeader*>(region_.data());
    }

    const std::byte* records() const noexcept { return region_.data() + journal_data_offset; }

    /// As it was checked: a header that is changed later cannot lead a read out of the file.
    std::uint64_t ring_records() const noexcept { return ring_records_; }

    /// Units: Unix time. Stays through all starts of the writer; a file in this one's place has
    /// another.
    std::uint64_t created_ns() const noexcept { return created_ns_; }

    /// Changes when the writer was started again.
    std::uint64_t epoch() const noexcept { return header().epoch.load(std::memory_order_acquire); }

    /// Units: Unix time of the writer's last sign of life.
    std::uint64_t heartbeat_ns() const noexcept {
        return header().heartbeat_ns.load(std::memory_order_relaxed);
    }

    /// The writer's bell; nullptr where this process may not write the file it lies in. Tried
    /// again at each call until it is there, and anew after each start of the writer.
    Wake* bell() {
        const std::uint64_t now = epoch();
        if (!bell_ || bell_epoch_ != now) {
            bell_ = WakeFile::attach(path_);
            bell_epoch_ = now;
        }
        return bell_ ? &bell_->bell() : nullptr;
    }

  private:
    static std::string policy_fault(MappedBytes file, FullPolicy policy) {
        const auto* header = reinterpret_cast<const JournalHeader*>(file.data());
        if (header->policy == policy_code(policy)) {
            return {};
        }
        return "a journal of policy " + std::string(policy_name(header->policy)) +
               ", this program reads " + std::string(policy_name(policy_code(policy)));
    }

    std::string path_;
    Region region_;
    std::uint64_t ring_records_;
    std::uint64_t created_ns_;
    std::optional<WakeFile> bell_;
    std::uint64_t bell_epoch_ = 0;
};

/// Sleeps on the bells, or naps where a bell is not to be had. Returns what ready() said last.
template <class Ready>
bool wait_for_journals(std::span<Wake* const> bells,
                       std::chrono::nanoseconds patience,
                       const Ready& ready) {
    constexpr std::chrono::nanoseconds nap = std::chrono::milliseconds(10);
    if (!bells.empty() && std::find(bells.begin(), bells.end(), nullptr) == bells.end()) {
        return Wake::wait_any(bells, patience, ready);
    }
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    // There is no time beyond the clock's last.
    const Clock::time_point end = begin + std::min(patience, Clock::time_point::max() - begin);
    for (;;) {
        if (ready()) {
            return true;
        }
        const auto left = end - Clock::now();
        if (left <= std::chrono::nanoseconds(0)) {
            return false;
        }
        std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(nap, left));
    }
}

/// A reader in any process. `lap`: poll() copies out and counts what was missed. `stop`: next(),
/// peek() and get_at() show the records in place, all of history.
///
/// Thread: one. Journals with gates are not to be read from outside: who cannot hold the writer
/// back cannot look at records in place.
template <Pod T, FullPolicy policy>

requires(policy == FullPolicy::stop || policy == FullPolicy::lap) class AttachedReader {
    using Reader = typename Journal<T, policy>::Reader;
    static constexpr bool is_lapping = policy == FullPolicy::lap;

  public:
    enum class From : std::uint8_t { start, head };

    /// From `start`: the oldest record still held. Errors: as AttachedFile.
    AttachedReader(const std::string& path, std::uint64_t schema, From from)
        : file_(path, sizeof(T), schema, policy), reader_(reader_at(0)) {
        seek(from == From::head ? head() : oldest());
    }

    /// Goes on with this sequence; false, and no move, when it is beyond the head. One that is no
    /// longer held is counted as missed by the next poll().
    bool seek(std::uint64_t sequence) noexcept {
        if (sequence > head()) {
            return false;
        }
        reader_ = reader_at(sequence);
        return true;
    }

    /// As Journal::Reader's, each.
    typename Reader::Polled poll(std::span<T> out) noexcept requires is_lapping {
        return reader_.poll(out);
    }

    std::span<const T> peek(std::size_t max) noexcept requires(!is_lapping) {
        return reader_.peek(max);
    }

    void advance(std::size_t records) noexcept requires(!is_lapping) { reader_.advance(records); }

    bool next() noexcept requires(!is_lapping) { return reader_.next(); }

    const T* get() const noexcept requires(!is_lapping) { return reader_.get(); }

    const T* get_at(std::uint64_t sequence) const noexcept requires(!is_lapping) {
        return reader_.get_at(sequence);
    }

    const T* get_last() const noexcept requires(!is_lapping) { return reader_.get_last(); }

    template <std::size_t window_records>
    std::span<const T> get_window(std::uint64_t first) const noexcept requires(!is_lapping) {
        return reader_.template get_window<window_records>(first);
    }

    std::uint64_t get_index() const noexcept { return reader_.get_index(); }

    bool has_next() const noexcept { return reader_.has_next(); }

    /// Waits until there are records; false when the patience ended first.
    ///
    /// Cost: asleep until the writer's wake_readers() where has_bell(); else a look every 10 ms.
    bool wait(std::chrono::nanoseconds patience) {
        Wake* const bell = file_.bell();
        return wait_for_journals({&bell, 1}, patience, [this] { return reader_.has_next(); });
    }

    /// Whether wait() sleeps until it is woken. Needs permission to write PATH.wake.
    bool has_bell() { return bell() != nullptr; }

    Wake* bell() { return file_.bell(); }

    std::uint64_t created_ns() const noexcept { return file_.created_ns(); }

    std::uint64_t epoch() const noexcept { return file_.epoch(); }

    std::uint64_t heartbeat_ns() const noexcept { return file_.heartbeat_ns(); }

  private:
    Reader reader_at(std::uint64_t sequence) const noexcept {
        Reader reader(&file_.header(), reinterpret_cast<const T*>(file_.records()), sequence);
        reader.mask_ = file_.ring_records() - 1;  // it read the header, which may have changed
        return reader;
    }

    std::uint64_t head() const noexcept {
        return file_.header().published.load(std::memory_order_acquire);  // P2
    }

    /// The first record held is where a new reader begins: it has missed nothing yet.
    std::uint64_t oldest() const noexcept {
        const std::uint64_t end = head();
        const std::uint64_t claimed = file_.header().claimed.load(std::memory_order_relaxed);
        const std::uint64_t ring = file_.ring_records();
        return std::min(claimed > ring ? claimed - ring : 0, end);
    }

    AttachedFile file_;
    Reader reader_;
};

}  // namespace roda
