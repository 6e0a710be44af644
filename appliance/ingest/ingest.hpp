// SPDX-License-Identifier: Apache-2.0
// Frames -> readings in the journal: the first half of a shard's turn.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "appliance/ingest/arrival.hpp"
#include "appliance/ingest/devices.hpp"
#include "appliance/ingest/frame_source.hpp"
#include "appliance/ingest/ledger.hpp"
#include "pipeline/base/cache_line.hpp"
#include "pipeline/store/snapshot_cell.hpp"
#include "proto/decoder.hpp"
#include "proto/frame.hpp"

namespace roda::appliance {

/// Sizes of one burst, from the MTU. Always the whole burst: vector drivers poll no fewer frames.
struct BurstShape {
    static constexpr std::uint32_t frames = 32;

    std::uint32_t readings_per_datagram;  // the most that a datagram can hold

    static BurstShape of(const proto::HostIdentity& host) {
        return {static_cast<std::uint32_t>(proto::max_readings_in(host.max_frame_bytes))};
    }

    std::uint32_t readings() const noexcept { return readings_per_datagram * frames; }
};

/// Polls a source and writes what the frames hold into the journals, or counts why not.
///
/// Thread: one worker. Cost: no allocation, no lock; the decode writes each reading once, into
/// its journal slot; one publication per burst.
/// Order: arrivals are published before their readings, so a reading always has an origin.
template <FrameSource Source>
class Ingest {
  public:
    Ingest(Source& source,
           const proto::HostIdentity& host,
           const BurstShape& shape,
           std::uint32_t max_devices,
           ReadingJournal& readings,
           ArrivalJournal& arrivals)
        : source_(source),
          host_(host),
          shape_(shape),
          devices_(max_devices),
          readings_(readings),
          arrivals_(arrivals) {}

    /// One burst. Returns the frames taken; 0 when there were none, or no room for their readings:
    /// is_blocked() tells which.
    std::size_t step() noexcept {
        const std::span<proto::Reading> room = readings_.claim(shape_.readings());
        const std::span<Arrival> origins = arrivals_.claim(shape_.frames);
        blocked_ = room.empty() || origins.empty();
        if (blocked_) {
            return 0;  // the pipeline is behind: frames wait in the source
        }
        const std::size_t polled = source_.poll(std::span(frames_).first(shape_.frames));
        if (polled == 0) {
            return 0;
        }
        Burst burst{room, origins, 0, 0};
        const auto frames = std::span<const proto::FrameView>(frames_).first(polled);
        for (const proto::FrameView& early : frames.first(std::min(frames_ahead, polled))) {
            prefetch(early.bytes);
        }
        for (std::size_t i = 0; i < polled; ++i) {
            if (i + frames_ahead < polled) {
                prefetch(frames[i + frames_ahead].bytes);
            }
            take_frame(frames[i], burst);
        }
        source_.release();
        ledger_.frames_received += polled;
        ledger_.readings_received += burst.readings;
        published_.publish(ledger_);  // before the readings: detection is never ahead of it
        arrivals_.publish(burst.arrivals);
        readings_.publish(burst.readings);
        return polled;
    }

    /// Whether the last step() found no room. Thread: the worker.
    bool is_blocked() const noexcept { return blocked_; }

    /// The balance as of the last burst. Thread: any.
    IngestLedger ledger() const noexcept { return published_.read(); }

  private:
    // Far enough to hide a miss behind four decodes (performance.md 3), near enough to stay cached.
    static constexpr std::size_t frames_ahead = 4;

    struct Burst {
        std::span<proto::Reading> room;
        std::span<Arrival> origins;
        std::uint32_t readings;
        std::uint32_t arrivals;
    };

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
    [[gnu::always_inline]] static void prefetch_slots(const Burst& burst,
                                                      std::size_t last) noexcept {
        const std::size_t at = burst.readings + frames_ahead * last;
        if (at + last <= burst.room.size()) {
            prefetch(std::as_bytes(burst.room.subspan(at, last)));
        }
    }

    void take_frame(const proto::FrameView& frame, Burst& burst) noexcept {
        const proto::ParsedFrame parsed = proto::parse_frame(frame, host_);
        switch (parsed.kind) {
            case proto::FrameKind::datagram:
                take_datagram(parsed.datagram, frame.receive_ns, burst);
                break;
            case proto::FrameKind::neighbour:
                ++ledger_.frames_neighbour;
                source_.answer(frame);
                break;
            case proto::FrameKind::refused:
                count(ledger_.frames_refused, parsed.refusal);
                break;
        }
    }

    void take_datagram(const proto::Datagram& datagram,
                       std::uint64_t receive_ns,
                       Burst& burst) noexcept {
        ++ledger_.datagrams_received;
        ledger_.bytes_received += datagram.payload.size();
        const std::span<proto::Reading> slots =
            burst.room.subspan(burst.readings, shape_.readings_per_datagram);
        const proto::Decoded decoded = proto::decode_datagram(datagram.payload, receive_ns, slots);
        if (!decoded.accepted) {
            count(ledger_.datagrams_malformed, decoded.refusal);
            return;
        }
        if (!admit(decoded.header, datagram.source)) {
            return;
        }
        ++ledger_.datagrams_accepted;
        burst.origins[burst.arrivals++] = {readings_.written() + burst.readings,
                                           decoded.readings,
                                           decoded.header.device_id,
                                           receive_ns,
                                           datagram.source};
        burst.readings += decoded.readings;
        prefetch_slots(burst, decoded.readings);
    }

    bool admit(const proto::DatagramHeader& header, const proto::IpAddress& source) noexcept {
        const SequenceJudgement judged = devices_.judge(header, source);
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
    BurstShape shape_;
    Devices devices_;
    ReadingJournal& readings_;
    ArrivalJournal& arrivals_;
    bool blocked_ = false;
    IngestLedger ledger_;
    SnapshotCell<IngestLedger> published_;
    std::array<proto::FrameView, BurstShape::frames> frames_;
};

}  // namespace roda::appliance
