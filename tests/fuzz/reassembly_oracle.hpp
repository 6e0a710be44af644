// SPDX-License-Identifier: Apache-2.0
// Pieces put together the plain way: a byte at a time, in containers that grow. What Reassembly is
// held against; it shares no line with it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dpdk/fragment/fragments.hpp"

namespace roda::fuzz {

using ByteString = std::vector<std::uint8_t>;

/// A piece, copied out of its frame.
struct PlainPiece {
    ByteString sender;  // version, VLAN and source
    ByteString rest;    // destination, identification, IPv4's protocol
    ByteString headers;
    std::size_t packet_at = 0;
    std::size_t offset = 0;
    bool last = false;
    ByteString data;

    std::size_t end() const { return offset + data.size(); }

    bool is_v4() const { return sender[0] == 4; }

    /// Of the headers, what the length of the packet counts.
    std::size_t counted_headers() const { return headers.size() - packet_at - (is_v4() ? 0 : 40); }
};

/// Reads a piece byte by byte; nothing for what is none.
class PlainReader {
  public:
    explicit PlainReader(std::span<const std::byte> frame) : frame_(frame.size()) {
        if (!frame.empty()) {
            std::memcpy(frame_.data(), frame.data(), frame.size());
        }
    }

    std::optional<PlainPiece> read() {
        std::size_t at = 12;
        std::uint8_t tags = 0;
        std::size_t vlan = 0;
        while (tags < 2 && has(at + 6) && (word(at) == 0x8100 || word(at) == 0x88a8)) {
            vlan = word(at + 2) & 0xfff;
            at += 4;
            ++tags;
        }
        if (!has(at + 2)) {
            return std::nullopt;
        }
        piece_.packet_at = at + 2;
        const std::size_t type = word(at);
        piece_.sender = {type == 0x0800 ? std::uint8_t{4} : std::uint8_t{6},
                         static_cast<std::uint8_t>(vlan >> 8),
                         static_cast<std::uint8_t>(vlan)};
        const bool sound =
            (type == 0x0800 && read_v4(at + 2)) || (type == 0x86dd && read_v6(at + 2));
        return sound ? std::optional(piece_) : std::nullopt;
    }

  private:
    bool has(std::size_t bytes) const { return bytes <= frame_.size(); }

    std::size_t word(std::size_t at) const { return frame_[at] * 256u + frame_[at + 1]; }

    ByteString bytes(std::size_t from, std::size_t to) const {
        return {frame_.begin() + static_cast<std::ptrdiff_t>(from),
                frame_.begin() + static_cast<std::ptrdiff_t>(to)};
    }

    static void append(ByteString& to, const ByteString& more) {
        to.insert(to.end(), more.begin(), more.end());
    }

    bool cut_data(std::size_t from, std::size_t to) {
        if (from >= to || !has(to)) {
            return false;
        }
        piece_.data = bytes(from, to);
        return piece_.last || piece_.data.size() % 8 == 0;
    }

    bool read_v4(std::size_t ip) {
        if (!has(ip + 20)) {
            return false;
        }
        const std::size_t header = frame_[ip] % 16u * 4;
        if (header < 20 || !has(ip + header)) {
            return false;
        }
        append(piece_.sender, bytes(ip + 12, ip + 16));
        append(piece_.rest, bytes(ip + 16, ip + 20));
        append(piece_.rest, bytes(ip + 4, ip + 6));
        append(piece_.rest, bytes(ip + 9, ip + 10));
        piece_.headers = bytes(0, ip + header);
        piece_.offset = word(ip + 6) % 0x2000 * 8;
        piece_.last = frame_[ip + 6] / 32 % 2 == 0;
        return cut_data(ip + header, ip + word(ip + 2));
    }

    bool read_v6(std::size_t ip) {
        if (!has(ip + 40)) {
            return false;
        }
        std::size_t next_at = ip + 6;
        std::size_t at = ip + 40;
        while (frame_[next_at] == 0 || frame_[next_at] == 43 || frame_[next_at] == 60) {
            if (!has(at + 2)) {
                return false;
            }
            next_at = at;
            at += 8 + frame_[at + 1] * 8u;
        }
        if (frame_[next_at] != 44 || !has(at + 8)) {
            return false;
        }
        append(piece_.sender, bytes(ip + 8, ip + 24));
        append(piece_.rest, bytes(ip + 24, ip + 40));
        append(piece_.rest, bytes(at + 4, at + 8));
        piece_.headers = bytes(0, at);
        piece_.headers[next_at] = frame_[at];
        piece_.offset = word(at + 2) / 8 * 8;
        piece_.last = frame_[at + 3] % 2 == 0;
        return cut_data(at + 8, ip + 40 + word(ip + 4));
    }

    ByteString frame_;
    PlainPiece piece_;
};

/// What Reassembly promises, with nothing but loops.
class ReassemblyOracle {
  public:
    ReassemblyOracle(std::size_t places, std::uint64_t patience_ns)
        : places_(places), patience_ns_(patience_ns) {}

    /// The frame that this piece makes whole.
    std::optional<ByteString> take(std::span<const std::byte> frame, std::uint64_t now_ns) {
        using dpdk::FragmentDrop;
        expire(now_ns);
        ++counters_.taken;
        const auto piece = PlainReader(frame).read();
        if (!piece) {
            return drop(FragmentDrop::malformed);
        }
        constexpr std::size_t room_for_headers = 256;
        if (piece->headers.size() > room_for_headers || too_long(*piece, piece->end())) {
            return drop(FragmentDrop::too_long);
        }
        const auto datagram = find(*piece, now_ns);
        if (datagram == datagrams_.end()) {
            return drop(FragmentDrop::table_full);
        }
        if (datagram->why) {
            return drop(*datagram->why);
        }
        const std::size_t reach = datagram->content.size();
        const bool contradicts = (datagram->end && piece->end() > *datagram->end) ||
                                 (piece->last && (datagram->end ? piece->end() != *datagram->end
                                                                : piece->end() < reach));
        if (contradicts) {
            return give_up(*datagram, FragmentDrop::contradiction, 1);
        }
        const std::size_t begin = std::min(piece->offset, reach);
        const std::size_t bytes = std::min(piece->end(), reach) - begin;
        const auto there = std::span(datagram->there).subspan(begin, bytes);
        if (std::ranges::find(there, present) != there.end()) {
            const bool is_copy =
                std::ranges::find(there, missing) == there.end() &&
                std::ranges::equal(piece->data, std::span(datagram->content).subspan(begin, bytes));
            return is_copy ? drop(FragmentDrop::duplicate)
                           : give_up(*datagram, FragmentDrop::overlap, 1);
        }
        place(*datagram, *piece);
        return finish(datagram);
    }

    void expire(std::uint64_t now_ns) {
        for (auto next = datagrams_.begin(); next != datagrams_.end();) {
            const auto old = next++;
            const std::uint64_t age =
                now_ns > old->began_ns ? now_ns - old->began_ns : old->began_ns - now_ns;
            if (age > patience_ns_) {
                forget(old, dpdk::FragmentDrop::timeout);
            }
        }
    }

    void release() { whole_ = 0; }

    const dpdk::FragmentCounters& counters() const { return counters_; }

  private:
    static constexpr std::uint8_t missing = 0;
    static constexpr std::uint8_t present = 1;

    struct Datagram {
        ByteString sender;
        ByteString rest;
        std::uint64_t began_ns;
        std::optional<dpdk::FragmentDrop> why = std::nullopt;  // given up
        std::uint64_t pieces = 0;
        ByteString content = {};
        ByteString there = {};  // of each byte, whether it is
        std::optional<std::size_t> end = std::nullopt;
        std::optional<PlainPiece> first = std::nullopt;
    };

    using Datagrams = std::list<Datagram>;  // the oldest first

    static ByteString::iterator at(ByteString& bytes, std::size_t position) {
        return bytes.begin() + static_cast<std::ptrdiff_t>(position);
    }

    static bool too_long(const PlainPiece& piece, std::size_t payload_bytes) {
        return piece.counted_headers() + payload_bytes > 65'535;
    }

    std::nullopt_t drop(dpdk::FragmentDrop why, std::uint64_t pieces = 1) {
        counters_.dropped[static_cast<std::size_t>(why)] += pieces;
        return std::nullopt;
    }

    std::nullopt_t give_up(Datagram& datagram, dpdk::FragmentDrop why, std::uint64_t more) {
        counters_.waiting -= datagram.pieces;
        drop(why, datagram.pieces + more);
        datagram.pieces = 0;
        datagram.why = why;
        return std::nullopt;
    }

    void forget(Datagrams::iterator datagram, dpdk::FragmentDrop why) {
        give_up(*datagram, why, 0);
        datagrams_.erase(datagram);
    }

    Datagrams::iterator find(const PlainPiece& piece, std::uint64_t now_ns) {
        const bool is_atomic = piece.offset == 0 && piece.last;
        const auto known = std::ranges::find_if(datagrams_, [&](const Datagram& datagram) {
            return datagram.sender == piece.sender && datagram.rest == piece.rest;
        });
        if (known != datagrams_.end() && !is_atomic) {
            return known;
        }
        const auto of_sender = [&](const Datagram& datagram) {
            return datagram.sender == piece.sender;
        };
        const auto share = static_cast<std::ptrdiff_t>(std::max<std::size_t>(places_ / 2, 1));
        if (std::ranges::count_if(datagrams_, of_sender) >= share) {
            forget(std::ranges::find_if(datagrams_, of_sender), dpdk::FragmentDrop::table_full);
        } else if (datagrams_.size() + whole_ == places_) {
            if (datagrams_.empty()) {
                return datagrams_.end();
            }
            forget(datagrams_.begin(), dpdk::FragmentDrop::table_full);
        }
        return datagrams_.insert(
            std::ranges::find_if(datagrams_,
                                 [&](const Datagram& other) { return other.began_ns > now_ns; }),
            {.sender = piece.sender, .rest = piece.rest, .began_ns = now_ns});
    }

    void place(Datagram& datagram, const PlainPiece& piece) {
        const std::size_t reach = std::max(datagram.content.size(), piece.end());
        datagram.content.resize(reach);
        datagram.there.resize(reach, missing);
        std::ranges::copy(piece.data, at(datagram.content, piece.offset));
        std::fill_n(at(datagram.there, piece.offset), piece.data.size(), present);
        if (piece.offset == 0) {
            datagram.first = piece;
        }
        if (piece.last) {
            datagram.end = piece.end();
        }
        ++datagram.pieces;
        ++counters_.waiting;
    }

    std::optional<ByteString> finish(Datagrams::iterator datagram) {
        const ByteString& content = datagram->content;
        if (!datagram->first || datagram->end != content.size() ||
            std::ranges::find(datagram->there, missing) != datagram->there.end()) {
            return std::nullopt;
        }
        const PlainPiece& first = *datagram->first;
        if (too_long(first, content.size())) {
            return give_up(*datagram, dpdk::FragmentDrop::too_long, 0);
        }
        ByteString frame = first.headers;
        write_length(frame, first, content.size());
        frame.insert(frame.end(), content.begin(), content.end());
        counters_.waiting -= datagram->pieces;
        counters_.joined += datagram->pieces;
        ++counters_.datagrams;
        ++whole_;
        datagrams_.erase(datagram);
        return frame;
    }

    static void put_word(ByteString& bytes, std::size_t at, std::size_t value) {
        bytes[at] = static_cast<std::uint8_t>(value / 256);
        bytes[at + 1] = static_cast<std::uint8_t>(value % 256);
    }

    static void write_length(ByteString& frame, const PlainPiece& first, std::size_t payload) {
        const std::size_t ip = first.packet_at;
        const std::size_t length = first.counted_headers() + payload;
        if (!first.is_v4()) {
            return put_word(frame, ip + 4, length);
        }
        put_word(frame, ip + 2, length);
        put_word(frame, ip + 6, frame[ip + 6] / 64 % 2 == 1 ? 0x4000 : 0);
        put_word(frame, ip + 10, 0);
        std::uint64_t sum = 0;
        for (std::size_t at = ip; at < frame.size(); at += 2) {
            sum += frame[at] * 256u + frame[at + 1];
        }
        while (sum > 0xffff) {
            sum = sum % 0x10000 + sum / 0x10000;
        }
        put_word(frame, ip + 10, 0xffff - sum);
    }

    std::size_t places_;
    std::uint64_t patience_ns_;
    Datagrams datagrams_;
    std::size_t whole_ = 0;
    dpdk::FragmentCounters counters_;
};

}  // namespace roda::fuzz
