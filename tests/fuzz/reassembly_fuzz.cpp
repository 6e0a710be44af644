// SPDX-License-Identifier: Apache-2.0
// Any pieces of datagrams, in any order and at any time. The input's first byte says how many may
// be under way (bits 0 to 2); then come steps, each a byte and what it wants (Step).
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "dpdk/fragment/reassembly.hpp"
#include "proto/frame.hpp"
#include "tests/fuzz/exact_copy.hpp"
#include "tests/fuzz/reassembly_oracle.hpp"

namespace roda {
namespace {

using fuzz::ByteString;

constexpr std::uint32_t patience_ms = 500;
constexpr std::uint64_t ms_ns = 1'000'000;
constexpr std::uint64_t hour_ns = 3'600'000 * ms_ns;
constexpr std::uint64_t start_ns = 1'700'000'000'000'000'000;

/// The low two bits of a step.
enum class Step : std::uint8_t {
    piece,    // of a known datagram: what Script::piece() reads
    frame,    // a length of two bytes, and the frame's bytes
    time,     // a byte: 4 ms each; 255: the clock is set back by an hour
    release,  // a burst ends
};

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "not true: %s\n", what);
        std::abort();
    }
}

/// The input, taken from its front; zeros behind its end.
class Script {
  public:
    explicit Script(std::span<const std::uint8_t> bytes) : left_(bytes) {}

    bool at_end() const { return left_.empty(); }

    std::uint8_t byte() {
        const std::uint8_t first = left_.empty() ? std::uint8_t{0} : left_.front();
        left_ = left_.subspan(left_.empty() ? 0 : 1);
        return first;
    }

    std::size_t word() {
        const std::size_t high = byte();
        return high << 8 | byte();
    }

    ByteString bytes(std::size_t count) {
        const auto some = left_.first(std::min(count, left_.size()));
        left_ = left_.subspan(some.size());
        return {some.begin(), some.end()};
    }

    /// A piece that some host may have made. Of the step: bit 2 IPv6, bit 3 more to come, bits 4
    /// and 5 the sender, bit 6 the identification, bit 7 a VLAN. Behind it: a word, its lower 13
    /// bits the place in units of eight bytes, the upper three how many options or extension
    /// headers; a word, how many bytes (piece_bytes()); a byte, zero when they are those of the
    /// datagram.
    ByteString piece(std::uint8_t step) {
        const bool is_v6 = (step & 4) != 0;
        const bool more = (step & 8) != 0;
        const std::uint8_t sender = step >> 4 & 3;
        const std::uint8_t identification = step >> 6 & 1;
        const std::size_t place = word();
        const std::size_t options = place >> 13;
        const std::size_t offset = place % 0x2000 * 8;
        const std::size_t bytes = piece_bytes(word());
        const std::uint8_t changed = byte();

        ByteString frame(12, 2);
        if ((step & 0x80) != 0) {
            append(frame, {0x81, 0x00, 0x60, 0x2a});
        }
        if (is_v6) {
            begin_ipv6(frame, options, bytes, sender);
            append_word(frame, offset | (more ? 1u : 0u));
            append(frame, {0, 0, 0, identification});
        } else {
            begin_ipv4(frame, options, bytes, sender, identification, offset, more);
        }
        const std::size_t front = frame.size();
        frame.resize(front + bytes);
        for (std::size_t i = 0; i < bytes; ++i) {
            const std::size_t at = offset + i;
            frame[front + i] =
                static_cast<std::uint8_t>(at * 31 + at / 256 + sender * 7u + changed);
        }
        return frame;
    }

  private:
    /// Below 512; with the upper three bits set units of eight bytes, four times in an input: more
    /// only cost time.
    std::size_t piece_bytes(std::size_t word) {
        if (word < 0xe000 || long_pieces_left_ == 0) {
            return word % 512;
        }
        --long_pieces_left_;
        return word % 0x2000 * 8;
    }

    static void append(ByteString& to, const ByteString& more) {
        to.insert(to.end(), more.begin(), more.end());
    }

    static void append_word(ByteString& to, std::size_t value) {
        append(to, {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
    }

    static void begin_ipv4(ByteString& frame,
                           std::size_t options,
                           std::size_t bytes,
                           std::uint8_t sender,
                           std::uint8_t identification,
                           std::size_t offset,
                           bool more) {
        append(frame, {0x08, 0x00, static_cast<std::uint8_t>(0x45 + options), 0});
        append_word(frame, 20 + options * 4 + bytes);
        append(frame, {0, identification});
        const bool may_not_cut = options % 2 != 0;
        append_word(frame, offset / 8 | (more ? 0x2000u : 0u) | (may_not_cut ? 0x4000u : 0u));
        append(frame, {64, 17, 0, 0, 10, 0, 0, sender, 10, 0, 1, 1});
        frame.resize(frame.size() + options * 4, 1);
    }

    /// Up to the offset of the fragment header.
    static void begin_ipv6(ByteString& frame,
                           std::size_t options,
                           std::size_t bytes,
                           std::uint8_t sender) {
        constexpr std::uint8_t hop_by_hop = 0;
        constexpr std::uint8_t fragment = 44;
        constexpr std::size_t option_bytes = 40;
        append(frame, {0x86, 0xdd, 0x60, 0, 0, 0});
        append_word(frame, options * option_bytes + 8 + bytes);
        append(frame, {options != 0 ? hop_by_hop : fragment, 64});
        frame.resize(frame.size() + 31, 0xfd);
        frame.push_back(sender);
        std::swap(frame[frame.size() - 1], frame[frame.size() - 17]);  // into the source
        if (options != 0) {
            ByteString header(options * option_bytes);
            header[0] = fragment;
            header[1] = static_cast<std::uint8_t>(header.size() / 8 - 1);
            append(frame, header);
        }
        append(frame, {17, 0});
    }

    std::span<const std::uint8_t> left_;
    int long_pieces_left_ = 4;
};

/// Both, side by side.
class Twins {
  public:
    explicit Twins(std::uint32_t places)
        : reassembly_({.enabled = true, .datagrams = places, .patience_ms = patience_ms}),
          oracle_(places, patience_ms * ms_ns) {}

    void take(const ByteString& bytes) {
        const fuzz::ExactCopy copy(bytes.data(), bytes.size());
        const proto::FrameView frame = {.bytes = copy.bytes(),
                                        .wire_bytes = static_cast<std::uint32_t>(bytes.size()),
                                        .checksum = proto::ChecksumVerdict::good,
                                        .receive_ns = ++now_ns_};  // no two begin at a time
        const std::uint64_t malformed = dropped(dpdk::FragmentDrop::malformed);
        const auto whole = reassembly_.take(frame);
        auto expected = oracle_.take(copy.bytes(), now_ns_);
        require(whole.has_value() == expected.has_value(), "a datagram is whole when all is there");
        if (whole) {
            check_whole(*whole);
            held_.emplace_back(whole->bytes, std::move(*expected));
        }
        check_counters();
        const proto::HostIdentity any{.addresses = {}, .max_frame_bytes = 1u << 17};
        const bool is_piece = proto::parse_frame(frame, any).kind == proto::FrameKind::fragment;
        require(!is_piece || dropped(dpdk::FragmentDrop::malformed) == malformed,
                "what the parser takes for a piece is one");
    }

    void pass_time(std::uint8_t steps) {
        constexpr std::uint8_t set_back = 255;
        now_ns_ = steps == set_back ? now_ns_ - hour_ns : now_ns_ + steps * 4 * ms_ns;
        reassembly_.expire(now_ns_);
        oracle_.expire(now_ns_);
        check_counters();
    }

    /// What came out is as it was until now.
    void release() {
        for (const auto& [bytes, expected] : held_) {
            require(std::ranges::equal(bytes, std::as_bytes(std::span(expected))),
                    "a whole frame is what was cut");
        }
        held_.clear();
        reassembly_.release();
        oracle_.release();
    }

  private:
    std::uint64_t dropped(dpdk::FragmentDrop why) const {
        return reassembly_.counters().dropped[static_cast<std::size_t>(why)];
    }

    static void check_whole(const proto::FrameView& whole) {
        require(whole.reassembled && whole.wire_bytes == whole.bytes.size() &&
                    whole.checksum == proto::ChecksumVerdict::unknown,
                "a whole frame says what it is");
        const auto kind = proto::parse_frame(whole, {}).kind;
        require(kind != proto::FrameKind::fragment, "a whole frame is no piece");
    }

    void check_counters() const {
        const dpdk::FragmentCounters now = reassembly_.counters();
        const dpdk::FragmentCounters& expected = oracle_.counters();
        require(now.taken == std::accumulate(
                                 now.dropped.begin(), now.dropped.end(), now.joined + now.waiting),
                "taken = joined + waiting + dropped");
        require(now.taken == expected.taken && now.joined == expected.joined &&
                    now.waiting == expected.waiting && now.datagrams == expected.datagrams &&
                    now.dropped == expected.dropped,
                "each piece ends where the plain way says");
    }

    dpdk::Reassembly reassembly_;
    fuzz::ReassemblyOracle oracle_;
    std::uint64_t now_ns_ = start_ns;
    std::vector<std::pair<std::span<const std::byte>, ByteString>> held_;
};

}  // namespace
}  // namespace roda

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace roda;
    Script script({data, size});
    Twins twins(1 + script.byte() % 8u);
    while (!script.at_end()) {
        const std::uint8_t step = script.byte();
        switch (static_cast<Step>(step % 4)) {
            case Step::piece:
                twins.take(script.piece(step));
                break;
            case Step::frame:
                twins.take(script.bytes(script.word()));
                break;
            case Step::time:
                twins.pass_time(script.byte());
                break;
            case Step::release:
                twins.release();
                break;
        }
    }
    twins.release();
    return 0;
}
