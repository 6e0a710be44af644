// SPDX-License-Identifier: Apache-2.0
// Frames -> readings in the inboxes of shards: the first half of a shard's turn.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "appliance/config/config.hpp"
#include "appliance/ingest/burst_shape.hpp"
#include "appliance/ingest/devices.hpp"
#include "appliance/ingest/frame_source.hpp"
#include "appliance/ingest/future_skew.hpp"
#include "appliance/ingest/ledger.hpp"
#include "appliance/ingest/outbox.hpp"
#include "pipeline/base/cache_line.hpp"
#include "pipeline/store/snapshot_cell.hpp"
#include "proto/decoder.hpp"
#include "proto/frame.hpp"

namespace roda::appliance {

/// Polls a source and sends what the frames hold to the shards, or counts why not.
///
/// Thread: one worker. Cost: no allocation, no lock; one publication per burst and inbox.
template <FrameSource Source>
class Ingest {
  public:
    Ingest(Source& source,
           const proto::HostIdentity& host,
           const IngestConfig& config,
           Outbox outbox)
        : source_(source),
          host_(host),
          devices_(config.max_devices),
          future_skew_(config.max_future_skew_ms, config.on_future),
          outbox_(std::move(outbox)) {}

    /// One burst. Returns the frames taken; 0 when there were none, or no room for their readings:
    /// is_blocked() tells which.
    std::size_t step() noexcept {
        if (!outbox_.claim()) {
            hold_back();
            return 0;
        }
        blocked_ = false;
        const std::size_t polled = source_.poll(frames_);
        if (polled == 0) {
            devices_.show_some();
            return 0;
        }
        const auto frames = std::span<const proto::FrameView>(frames_).first(polled);
        for (const proto::FrameView& early : frames.first(std::min(frames_ahead, polled))) {
            prefetch(early.bytes);
        }
        for (std::size_t i = 0; i < polled; ++i) {
            if (i + frames_ahead < polled) {
                prefetch(frames[i + frames_ahead].bytes);
            }
            take_frame(frames[i]);
        }
        source_.release();
        ledger_.frames_received += polled;
        ledger_.readings_received += outbox_.readings();
        ledger_.devices = devices_.size();
        published_.publish(ledger_);  // before the readings: detection is never ahead of it
        outbox_.publish();
        devices_.show_some(frames.front().receive_ns);
        return polled;
    }

    /// Where others may look at the devices (Devices::show_in). Thread: before the worker starts.
    void show_devices_in(DeviceStore* store) noexcept { devices_.show_in(store); }

    /// All that they have not been shown yet. Thread: when the worker has ended, any.
    void show_all_devices() noexcept { devices_.show_all(); }

    /// Whether the last step() found no room. Thread: the worker.
    bool is_blocked() const noexcept { return blocked_; }

    /// The balance as of the last burst. Thread: any.
    IngestLedger ledger() const noexcept { return published_.read(); }

  private:
    // Far enough to hide a miss behind four decodes (performance.md 3), near enough to stay cached.
    static constexpr std::size_t frames_ahead = 4;

    template <class Counters, class Reason>
    static void count(Counters& counters, Reason reason) noexcept {
        ++counters[static_cast<std::size_t>(reason)];
    }

    /// Asks for all lines of a frame, or of journal slots: misses that the decoder has on its way
    /// come one by one. Into the second-level cache, which waits for more lines at a time than the
    /// first; the few places of the first stay free for what is used now.
    /// Always inlined: g++ takes a function that only prefetches for one without effect, and drops
    /// calls to it.
    [[gnu::always_inline]] static void prefetch(std::span<const std::byte> bytes) noexcept {
        constexpr int to_read = 0;
        constexpr int second_level = 2;
        for (std::size_t at = 0; at < bytes.size(); at += cache_line_bytes) {
            __builtin_prefetch(bytes.data() + at, to_read, second_level);
        }
    }

    /// The slots of the datagram frames_ahead from now, if all are as long as the last: a journal
    /// larger than the cache is as cold to the writer as the frames are to the reader.
    [[gnu::always_inline]] void prefetch_slots(std::size_t last) const noexcept {
        prefetch(std::as_bytes(outbox_.slots_ahead(frames_ahead * last, last)));
    }

    /// Detection is behind: frames wait in the source. Counted once for each time that it begins.
    [[gnu::cold]] void hold_back() noexcept {
        if (!std::exchange(blocked_, true)) {
            ++ledger_.waits_for_room;
            published_.publish(ledger_);
        }
    }

    void take_frame(const proto::FrameView& frame) noexcept {
        const proto::ParsedFrame parsed = proto::parse_frame(frame, host_);
        switch (parsed.kind) {
            case proto::FrameKind::datagram:
                take_datagram(parsed.datagram, frame.receive_ns);
                break;
            case proto::FrameKind::neighbour:
                ++ledger_.frames_neighbour;
                if (!source_.answer(frame)) {
                    source_.divert(frame);  // an answer to a question of the kernel's
                }
                break;
            case proto::FrameKind::fragment:
                take_fragment(frame);
                break;
            case proto::FrameKind::refused:
                if (proto::may_be_the_kernels(parsed.refusal) && source_.divert(frame)) {
                    ++ledger_.frames_diverted;
                } else {
                    count(ledger_.frames_refused, parsed.refusal);
                }
                break;
        }
    }

    [[gnu::cold]] void take_fragment(const proto::FrameView& frame) noexcept {
        if constexpr (!Source::reassembles) {
            count(ledger_.frames_refused, proto::FrameRefusal::fragment);
            return;
        }
        ++ledger_.frames_fragment;
        if (const auto whole = source_.reassemble(frame)) {
            ++ledger_.frames_reassembled;
            take_frame(*whole);
        }
    }

    void take_datagram(const proto::Datagram& datagram, std::uint64_t receive_ns) noexcept {
        ++ledger_.datagrams_received;
        ledger_.bytes_received += datagram.payload.size();
        const proto::Decoded decoded =
            proto::decode_datagram(datagram.payload, receive_ns, outbox_.slots());
        if (!decoded.accepted) {
            count(ledger_.datagrams_malformed, decoded.refusal);
            return;
        }
        const std::uint64_t device_ns = outbox_.slots()[decoded.readings - 1].timestamp_ns;
        if (!admit({.header = decoded.header,
                    .source = datagram.source,
                    .receive_ns = receive_ns,
                    .device_ns = device_ns,
                    .readings = decoded.readings})) {
            return;
        }
        // Behind the judgement of its number: what is refused here has come, and is not lost.
        const std::span<proto::Reading> readings = outbox_.slots().first(decoded.readings);
        if (future_skew_.is_exceeded(readings, receive_ns)) [[unlikely]] {
            if (future_skew_.policy() == FuturePolicy::refuse) {
                count(ledger_.datagrams_not_admitted, AdmissionRefusal::future);
                return;
            }
            ledger_.readings_clamped += future_skew_.clamp(readings, receive_ns);
        }
        ++ledger_.datagrams_accepted;
        outbox_.take(decoded.readings, {decoded.header.device_id, receive_ns, datagram.source});
        prefetch_slots(decoded.readings);
    }

    bool admit(const HeardDatagram& heard) noexcept {
        const SequenceJudgement judged = devices_.judge(heard);
        switch (judged.verdict) {
            case SequenceVerdict::in_order:
                return true;
            case SequenceVerdict::gap:
                ledger_.datagrams_lost += judged.missing;
                return true;
            case SequenceVerdict::reordered:
                ++ledger_.datagrams_reordered;
                ledger_.datagrams_lost -= judged.recovered;
                return true;
            case SequenceVerdict::untracked:
                ++ledger_.datagrams_untracked;
                return true;
            case SequenceVerdict::no_room:
                ++ledger_.datagrams_untracked;
                ++ledger_.devices_refused;
                return true;
            case SequenceVerdict::duplicate:
                count(ledger_.datagrams_not_admitted, AdmissionRefusal::duplicate);
                return false;
            case SequenceVerdict::stale:
                count(ledger_.datagrams_not_admitted, AdmissionRefusal::stale);
                return false;
        }
        return false;
    }

    Source& source_;
    proto::HostIdentity host_;
    Devices devices_;
    FutureSkew future_skew_;
    Outbox outbox_;
    bool blocked_ = false;
    IngestLedger ledger_;
    SnapshotCell<IngestLedger> published_;
    std::array<proto::FrameView, BurstShape::frames> frames_;
};

}  // namespace roda::appliance
