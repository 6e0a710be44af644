// SPDX-License-Identifier: Apache-2.0
// SlotStore<T>: a fixed number of values that one writer replaces in place while others read each
// of them whole. The newest of everything, where a journal is the history. In private memory or in
// a file, whose values outlive a killed writer.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "pipeline/base/check.hpp"
#include "pipeline/store/slot_reader.hpp"

namespace roda {

template <SharedPod T>
class SlotStore {
  public:
    /// In memory of this process, for readers of this process.
    explicit SlotStore(const SlotOptions& options)
        : SlotStore(Region::anonymous(SlotShape::of(options, sizeof(T)).region_bytes()), options) {}

    /// In a file, for readers of any process. The values of an earlier writer stay, but one that it
    /// died in becomes absent; a file that holds anything else is replaced by a new one.
    ///
    /// Errors: StartupError when the file cannot be had or another process writes it.
    SlotStore(const std::string& path, const SlotOptions& options)
        : SlotStore(open(path, options), options) {}

    SlotStore(const SlotStore&) = delete;
    SlotStore& operator=(const SlotStore&) = delete;

    /// Replaces the value of slot `at`, which must exist.
    ///
    /// Thread: writer only. Cost: sizeof(T) / 8 + 2 stores; never waits.
    [[gnu::always_inline]] void set(std::uint64_t at, const T& value) noexcept {
        cell(at).store(value);
    }

    /// Lets `function(T&)` change the value of slot `at`; an absent one begins as T{}. Readers see
    /// the old value until it returns.
    ///
    /// Thread: writer only.
    template <class Function>
    [[gnu::always_inline]] void update_at(std::uint64_t at, Function&& function) noexcept(
        noexcept(function(std::declval<T&>()))) {
        SeqlockCell<T>& slot = cell(at);
        T value = slot.stored();
        function(value);
        slot.store(value);
    }

    /// Tells readers that the writer lives. Thread: writer. Units: Unix time.
    void beat(std::uint64_t now_ns) noexcept {
        header_->heartbeat_ns.store(now_ns, std::memory_order_relaxed);
    }

    /// A reader for other threads of this process; the store must outlive it.
    SlotReader<T> reader() const noexcept { return SlotReader<T>(header_, slots_); }

    std::uint64_t slots() const noexcept { return slots_; }

    /// Slots that writers died in, since the store was made.
    std::uint64_t repaired() const noexcept {
        return header_->repaired.load(std::memory_order_relaxed);
    }

    /// Whether an earlier writer's values were found. False for a file that was replaced.
    bool existing() const noexcept { return region_.existing(); }

    const Region& region() const noexcept { return region_; }

  private:
    static Region open(const std::string& path, const SlotOptions& options) {
        const SlotShape shape = SlotShape::of(options, sizeof(T));
        return open_layout(path, shape.region_bytes(), [&](MappedBytes file) {
            return shape.can_go_on(file, options.schema);
        });
    }

    SlotStore(Region region, const SlotOptions& options)
        : region_(std::move(region)), slots_(options.slots) {
        header_ = reinterpret_cast<SlotHeader*>(region_.data());
        if (!region_.existing()) {
            SlotShape::of(options, sizeof(T)).write_header(region_.data(), options.schema);
        } else {
            take_over();
        }
    }

    /// What the writer before left, under an epoch of its own.
    void take_over() noexcept {
        repair();
        start_epoch(header_->epoch, header_->heartbeat_ns, unix_now_ns());
    }

    void repair() noexcept {
        for (std::uint64_t at = 0; at < slots_; ++at) {
            if (cell(at).repair()) {
                header_->repaired.store(repaired() + 1, std::memory_order_relaxed);
            }
        }
    }

    [[gnu::always_inline]] SeqlockCell<T>& cell(std::uint64_t at) noexcept {
        check(at < slots_, "the slot is one of the store's");
        std::byte* const first = region_.data() + layout_data_offset;
        return *reinterpret_cast<SeqlockCell<T>*>(first + at * slot_bytes_for(sizeof(T)));
    }

    Region region_;
    SlotHeader* header_ = nullptr;
    std::uint64_t slots_;
};

}  // namespace roda
