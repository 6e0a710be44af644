// SPDX-License-Identifier: Apache-2.0
#include "dpdk/fragment/reassembly.hpp"

#include <algorithm>
#include <cstring>

#include "dpdk/neighbour/packet_bytes.hpp"
#include "proto/checksum.hpp"

namespace roda::dpdk {

namespace {

using detail::store16;

constexpr std::size_t longest_packet = 65'535;
constexpr std::size_t unit_bytes = 8;  // datagrams are cut at multiples of it
constexpr std::size_t word_bits = 64;
constexpr std::size_t words = (longest_packet / unit_bytes + 1) / word_bits;

constexpr std::size_t units_bytes = words * sizeof(std::uint64_t);
constexpr std::size_t headers_bytes_max = 256;
constexpr std::size_t payload_bytes = words * word_bits * unit_bytes;
constexpr std::size_t room_bytes = units_bytes + headers_bytes_max + payload_bytes;

/// What IPv4's total length or IPv6's payload length counts of headers.
std::size_t counted_headers(const FragmentKey& key, std::size_t packet_headers) noexcept {
    return key.version == 6 ? packet_headers - detail::ipv6_bytes : packet_headers;
}

/// Those of the units [first, end) that lie in one word, as its bits.
std::uint64_t bits_of_word(std::size_t word, std::size_t first, std::size_t end) noexcept {
    const std::size_t from = std::max(first, word * word_bits) - word * word_bits;
    const std::size_t to = std::min(end, (word + 1) * word_bits) - word * word_bits;
    const std::uint64_t below_end =
        to == word_bits ? ~std::uint64_t{0} : (std::uint64_t{1} << to) - 1;
    return below_end & ~((std::uint64_t{1} << from) - 1);
}

/// Calls `visit(word, bits)` for each word that the units of a piece lie in.
template <typename Visit>
void for_units(const Fragment& piece, Visit visit) noexcept {
    const std::size_t first = piece.offset / unit_bytes;
    const std::size_t end = (piece.end() + unit_bytes - 1) / unit_bytes;
    for (std::size_t word = first / word_bits; word * word_bits < end; ++word) {
        visit(word, bits_of_word(word, first, end));
    }
}

}  // namespace

Reassembly::Reassembly(const ReassemblyOptions& options)
    : patience_ns_(std::uint64_t{options.patience_ms} * 1'000'000) {
    if (options.enabled && options.datagrams != 0) {
        datagrams_.resize(options.datagrams);
        rooms_.emplace(Region::anonymous(options.datagrams * room_bytes));
    }
}

std::optional<proto::FrameView> Reassembly::take(const proto::FrameView& piece) noexcept {
    expire(piece.receive_ns);
    ++counters_.taken;
    const auto whole = join(piece);
    published_.publish(counters_);
    return whole;
}

std::optional<proto::FrameView> Reassembly::join(const proto::FrameView& frame) noexcept {
    if (datagrams_.empty()) {
        drop(FragmentDrop::disabled);
        return std::nullopt;
    }
    const auto piece = read_fragment(frame.bytes);
    if (!piece || frame.reassembled) {  // pieces within pieces could be nested without end
        drop(FragmentDrop::malformed);
        return std::nullopt;
    }
    const std::size_t headers =
        counted_headers(piece->key, piece->headers.size() - piece->packet_at);
    if (piece->headers.size() > headers_bytes_max || headers + piece->end() > longest_packet) {
        drop(FragmentDrop::too_long);
        return std::nullopt;
    }
    Datagram* datagram = piece->is_atomic() ? nullptr : find(piece->key);
    if (datagram == nullptr) {
        datagram = begin(piece->key, frame.receive_ns);
    }
    if (datagram == nullptr) {
        drop(FragmentDrop::table_full);
        return std::nullopt;
    }
    if (datagram->state == State::given_up) {
        drop(datagram->why);
        return std::nullopt;
    }
    switch (judge(*datagram, *piece)) {
        case Fit::copy:
            drop(FragmentDrop::duplicate);
            return std::nullopt;
        case Fit::overlap:
            drop(FragmentDrop::overlap);
            give_up(*datagram, FragmentDrop::overlap);
            return std::nullopt;
        case Fit::contradiction:
            drop(FragmentDrop::contradiction);
            give_up(*datagram, FragmentDrop::contradiction);
            return std::nullopt;
        case Fit::fresh:
            break;
    }
    place(*datagram, *piece);
    return finish(*datagram, frame.receive_ns);
}

void Reassembly::release() noexcept {
    if (whole_ == 0) {
        return;
    }
    for (Datagram& datagram : datagrams_) {
        if (datagram.state == State::whole) {
            datagram.state = State::free;
        }
    }
    under_way_ -= whole_;
    whole_ = 0;
}

void Reassembly::expire(std::uint64_t now_ns) noexcept {
    const auto is_over = [&](std::uint64_t began_ns) {
        return std::max(now_ns, began_ns) - std::min(now_ns, began_ns) > patience_ns_;
    };
    if (under_way_ == 0 || !is_over(oldest_ns_)) {
        return;
    }
    oldest_ns_ = now_ns;
    for (Datagram& datagram : datagrams_) {
        if (!datagram.is_pending()) {
            continue;
        }
        if (!is_over(datagram.began_ns)) {
            oldest_ns_ = std::min(oldest_ns_, datagram.began_ns);
            continue;
        }
        forget(datagram, FragmentDrop::timeout);
    }
    published_.publish(counters_);
}

Reassembly::Datagram* Reassembly::find(const FragmentKey& key) noexcept {
    const auto at = std::ranges::find_if(datagrams_, [&](const Datagram& datagram) {
        return datagram.is_pending() && datagram.key == key;
    });
    return at == datagrams_.end() ? nullptr : &*at;
}

Reassembly::Datagram* Reassembly::begin(const FragmentKey& key, std::uint64_t now_ns) noexcept {
    Datagram* const at = place_for(key);
    if (at == nullptr) {
        return nullptr;
    }
    if (at->state != State::free) {
        forget(*at, FragmentDrop::table_full);
    }
    *at = Datagram{};
    at->state = State::waiting;
    at->key = key;
    at->began_ns = now_ns;
    std::ranges::fill(room_of(*at).units, 0);
    oldest_ns_ = under_way_ == 0 ? now_ns : std::min(oldest_ns_, now_ns);
    ++under_way_;
    return at;
}

/// A free place, or that of the oldest datagram: of the same sender where it has its share already,
/// else of all. None when all places hold frames that are not released.
Reassembly::Datagram* Reassembly::place_for(const FragmentKey& key) noexcept {
    const auto older = [](Datagram* a, Datagram& b) {
        return a == nullptr || b.began_ns < a->began_ns ? &b : a;
    };
    const std::size_t share = std::max<std::size_t>(datagrams_.size() / 2, 1);
    Datagram* free = nullptr;
    Datagram* oldest = nullptr;
    Datagram* oldest_of_sender = nullptr;
    std::size_t of_sender = 0;
    for (Datagram& datagram : datagrams_) {
        if (datagram.state == State::free) {
            free = &datagram;
        } else if (datagram.is_pending()) {
            oldest = older(oldest, datagram);
            if (datagram.key.has_sender_of(key)) {
                oldest_of_sender = older(oldest_of_sender, datagram);
                ++of_sender;
            }
        }
    }
    if (of_sender >= share) {
        return oldest_of_sender;
    }
    return free != nullptr ? free : oldest;
}

Reassembly::Fit Reassembly::judge(const Datagram& datagram, const Fragment& piece) noexcept {
    const Room room = room_of(datagram);
    bool any = false;
    bool all = true;
    for_units(piece, [&](std::size_t word, std::uint64_t bits) {
        any = any || (room.units[word] & bits) != 0;
        all = all && (room.units[word] & bits) == bits;
    });
    const bool beyond_end = datagram.end && piece.end() > *datagram.end;
    const bool another_end =
        piece.last && (datagram.end ? piece.end() != *datagram.end : piece.end() < datagram.reach);
    if (beyond_end || another_end) {
        return Fit::contradiction;
    }
    if (!any) {
        return Fit::fresh;
    }
    const bool same = all && std::ranges::equal(
                                 piece.data, room.payload.subspan(piece.offset, piece.data.size()));
    return same ? Fit::copy : Fit::overlap;
}

void Reassembly::place(Datagram& datagram, const Fragment& piece) noexcept {
    const Room room = room_of(datagram);
    for_units(piece, [&](std::size_t word, std::uint64_t bits) { room.units[word] |= bits; });
    std::ranges::copy(piece.data, room.payload.subspan(piece.offset).begin());
    if (piece.offset == 0) {
        const std::span<std::byte> headers = room.headers.last(piece.headers.size());
        std::ranges::copy(piece.headers, headers.begin());
        if (piece.key.version == 6) {
            headers[piece.protocol_at] = piece.protocol;  // in place of the fragment header
        }
        datagram.headers_bytes = piece.headers.size();
        datagram.packet_at = piece.packet_at;
    }
    if (piece.last) {
        datagram.end = piece.end();
    }
    datagram.reach = std::max(datagram.reach, piece.end());
    datagram.received += piece.data.size();
    ++datagram.pieces;
    ++counters_.waiting;
}

std::optional<proto::FrameView> Reassembly::finish(Datagram& datagram,
                                                   std::uint64_t receive_ns) noexcept {
    if (datagram.headers_bytes == 0 || datagram.received != datagram.end) {
        return std::nullopt;
    }
    const Room room = room_of(datagram);
    const std::span<std::byte> packet =
        room.headers.last(datagram.headers_bytes - datagram.packet_at);
    const std::size_t length = counted_headers(datagram.key, packet.size()) + datagram.received;
    if (length > longest_packet) {  // the first piece has longer headers than the others
        give_up(datagram, FragmentDrop::too_long);
        return std::nullopt;
    }
    if (datagram.key.version == 6) {
        store16(packet, 4, length);
    } else {
        store16(packet, 2, length);
        packet[6] &= std::byte{0x40};  // of flags and offset, `do not fragment` stays
        packet[7] = std::byte{0};
        store16(packet, 10, 0);
        proto::ChecksumSum sum;
        sum.add(packet);
        store16(packet, 10, sum.field());
    }
    datagram.state = State::whole;
    ++whole_;
    ++counters_.datagrams;
    counters_.waiting -= datagram.pieces;
    counters_.joined += datagram.pieces;
    const std::size_t bytes = datagram.headers_bytes + datagram.received;
    return proto::FrameView{
        .bytes = {room.payload.data() - datagram.headers_bytes, bytes},
        .wire_bytes = static_cast<std::uint32_t>(bytes),
        .checksum = proto::ChecksumVerdict::unknown,
        .receive_ns = receive_ns,
        .reassembled = true,
    };
}

void Reassembly::give_up(Datagram& datagram, FragmentDrop why) noexcept {
    drop(why, datagram.pieces);
    counters_.waiting -= datagram.pieces;
    datagram.pieces = 0;
    datagram.state = State::given_up;
    datagram.why = why;
}

void Reassembly::forget(Datagram& datagram, FragmentDrop why) noexcept {
    give_up(datagram, why);
    datagram.state = State::free;
    --under_way_;
}

void Reassembly::drop(FragmentDrop why, std::uint64_t pieces) noexcept {
    counters_.dropped[static_cast<std::size_t>(why)] += pieces;
}

Reassembly::Room Reassembly::room_of(const Datagram& datagram) noexcept {
    const auto position = static_cast<std::size_t>(&datagram - datagrams_.data());
    std::byte* const at = rooms_->data() + position * room_bytes;
    return {{reinterpret_cast<std::uint64_t*>(at), words},
            {at + units_bytes, headers_bytes_max},
            {at + units_bytes + headers_bytes_max, payload_bytes}};
}

}  // namespace roda::dpdk
