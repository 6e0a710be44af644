// SPDX-License-Identifier: Apache-2.0
// Pieces of IP datagrams put together again, bounded in memory and time. Pure: bytes and times come
// from the caller.
//
// Not rte_ip_frag: as distributions build it a datagram has at most 8 pieces, 12 KB at an MTU of
// 1500; copies and overlaps go unjudged, and what it drops is not counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dpdk/fragment/fragment.hpp"
#include "dpdk/fragment/fragments.hpp"
#include "pipeline/memory/region.hpp"
#include "pipeline/store/snapshot_cell.hpp"
#include "proto/frame.hpp"

namespace roda::dpdk {

/// The datagrams under way of one queue.
///
/// Each has room of 66 KB into which its pieces are copied where they belong: so the whole is there
/// with the last of them, and there is no list of pieces that could grow.
/// Thread: one worker; counters() from any.
/// Source: RFC 791, 3.2; RFC 8200, 4.5; RFC 5722 (overlaps); RFC 6946 (atomic fragments).
class Reassembly {
  public:
    /// Errors: StartupError when there is no memory. Cost: touches the room of every datagram.
    explicit Reassembly(const ReassemblyOptions& options);

    /// Takes a piece; with the last of a datagram, the frame as if it had never been cut: link
    /// header and tags of its first piece, lengths and IPv4 header checksum made anew, the UDP
    /// checksum still to be verified. It lives until release().
    ///
    /// A copy of what is there is passed over. Pieces that overlap otherwise, or contradict each
    /// other about the end, take their whole datagram with them, what comes of it later included.
    /// Where there is no place left, the oldest datagram goes: its rest is the least likely to
    /// come. One sender has at most half of the places, so that no flood takes them all.
    /// Units: piece.receive_ns is the time by which patience ends.
    /// Cost: a copy of the piece; a look at each datagram under way. No allocation.
    std::optional<proto::FrameView> take(const proto::FrameView& piece) noexcept;

    /// Ends the life of the frames that take() gave.
    void release() noexcept;

    /// Drops what has waited longer than patience, or was begun at a time that is no more: the
    /// clock may have been set.
    void expire(std::uint64_t now_ns) noexcept;

    /// Whether expire() may find something. Cost: one load.
    bool waits() const noexcept { return under_way_ != 0; }

    /// The balance as of the last piece. Thread: any.
    FragmentCounters counters() const noexcept { return published_.read(); }

  private:
    enum class State : std::uint8_t { free, waiting, whole, given_up };
    enum class Fit : std::uint8_t { fresh, copy, overlap, contradiction };

    struct Datagram {
        State state = State::free;
        FragmentDrop why = FragmentDrop::timeout;  // given_up
        FragmentKey key;
        std::uint64_t began_ns = 0;
        std::uint64_t pieces = 0;
        std::size_t received = 0;        // bytes; no two pieces overlap
        std::size_t reach = 0;           // the furthest end of a piece
        std::optional<std::size_t> end;  // the last piece says it
        std::size_t headers_bytes = 0;   // 0: the first piece has not come
        std::size_t packet_at = 0;

        /// Begun, and not to be handed out any more or not yet.
        bool is_pending() const noexcept {
            return state == State::waiting || state == State::given_up;
        }
    };

    /// Where a datagram is put together: which of its 8-byte units are there, and the bytes.
    struct Room {
        std::span<std::uint64_t> units;
        std::span<std::byte> headers;  // they end where the payload begins
        std::span<std::byte> payload;
    };

    std::optional<proto::FrameView> join(const proto::FrameView& frame) noexcept;
    Datagram* find(const FragmentKey& key) noexcept;
    Datagram* begin(const FragmentKey& key, std::uint64_t now_ns) noexcept;
    Datagram* place_for(const FragmentKey& key) noexcept;
    Fit judge(const Datagram& datagram, const Fragment& piece) noexcept;
    void place(Datagram& datagram, const Fragment& piece) noexcept;
    std::optional<proto::FrameView> finish(Datagram& datagram, std::uint64_t receive_ns) noexcept;
    void give_up(Datagram& datagram, FragmentDrop why) noexcept;
    void forget(Datagram& datagram, FragmentDrop why) noexcept;
    void drop(FragmentDrop why, std::uint64_t pieces = 1) noexcept;
    Room room_of(const Datagram& datagram) noexcept;

    std::uint64_t patience_ns_;
    std::vector<Datagram> datagrams_;  // none: nothing is put together
    std::optional<Region> rooms_;
    std::size_t under_way_ = 0;  // not free
    std::size_t whole_ = 0;
    std::uint64_t oldest_ns_ = 0;  // none of those under way began before
    FragmentCounters counters_;
    SnapshotCell<FragmentCounters> published_;
};

}  // namespace roda::dpdk
