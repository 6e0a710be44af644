// SPDX-License-Identifier: Apache-2.0
#include "bench/frames.hpp"

#include <immintrin.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "pipeline/base/check.hpp"
#include "pipeline/base/clock.hpp"
#include "proto/checksum.hpp"

namespace roda::bench {
namespace {

constexpr std::uint32_t devices = 64;

// Where the encoder puts boot_id behind a device_id that is not zero.
constexpr std::size_t boot_id_tag_offset = 9;
constexpr std::byte boot_id_tag{2 << 3 | 5};

void put_u16(std::byte* at, std::size_t value) {
    at[0] = static_cast<std::byte>(value >> 8);
    at[1] = static_cast<std::byte>(value);
}

/// Ethernet II and IPv4, from 198.51.100.device to 192.0.2.1, protocol UDP.
void write_headers(std::byte* at, std::uint32_t device, std::size_t ip_total_bytes) {
    constexpr std::array<std::uint8_t, 34> blank = {
        0x02, 0, 0, 0, 0, 1, 0x02, 0, 0,  0,  0, 2, 0x08, 0x00,  // locally administered addresses
        0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 198,  51,   100, 0, 192, 0, 2, 1};
    std::memcpy(at, blank.data(), blank.size());
    std::byte* ip = at + 14;
    put_u16(ip + 2, ip_total_bytes);
    ip[15] = static_cast<std::byte>(device);
    proto::ChecksumSum sum;
    sum.add(std::span(ip, 20));
    put_u16(ip + 10, sum.field());
}

/// The checksum over the pseudo-header and the whole segment, whose own field is zero.
std::uint16_t udp_checksum(std::span<const std::byte> ip_packet) {
    const std::span<const std::byte> segment = ip_packet.subspan(20);
    const std::array<std::byte, 4> length_and_protocol = {
        segment[4], segment[5], std::byte{0}, std::byte{17}};
    proto::ChecksumSum sum;
    sum.add(ip_packet.subspan(12, 8));
    sum.add(length_and_protocol);
    sum.add(segment);
    return sum.field();
}

}  // namespace

Frames::Frames(const FramesShape& shape)
    : shape_(shape), memory_(shape.frames * stride_bytes), lengths_(shape.frames) {
    SensorLoad load(shape.sensors, shape.ids);
    std::vector<proto::Reading> readings(shape.readings_per_frame);
    for (std::size_t i = 0; i < shape.frames; ++i) {
        std::ranges::generate(readings, [&load] { return load.next(); });
        const proto::DatagramHeader header = {
            .device_id = 1 + i % devices, .sequence = 1 + i / devices, .boot_id = boot_id_};
        lengths_[i] = static_cast<std::uint32_t>(write(i, header, readings));
    }
}

std::size_t Frames::write(std::size_t i,
                          const proto::DatagramHeader& header,
                          std::span<const proto::Reading> readings) {
    std::byte* frame = at(i);
    const std::span<std::byte> room(frame + headers_bytes, 1500 - ip_bytes - udp_bytes);
    const std::size_t payload_bytes = proto::encode_datagram(header, readings, shape_.form, room);
    check(payload_bytes != 0, "the readings of a frame fit it");
    check(room[boot_id_tag_offset] == boot_id_tag, "boot_id lies behind device_id");
    const std::size_t total_bytes = ip_bytes + udp_bytes + payload_bytes;
    write_headers(frame, static_cast<std::uint32_t>(header.device_id), total_bytes);
    std::byte* udp = frame + headers_bytes - udp_bytes;
    put_u16(udp, 40'000);
    put_u16(udp + 2, proto::HostIdentity{}.ingest_port);
    put_u16(udp + 4, udp_bytes + payload_bytes);
    put_u16(udp + 6, 0);
    put_u16(udp + 6, udp_checksum({frame + headers_bytes - udp_bytes - ip_bytes, total_bytes}));
    return headers_bytes + payload_bytes;
}

std::uint64_t Frames::datagram_bytes() const noexcept {
    return std::accumulate(lengths_.begin(), lengths_.end(), std::uint64_t{0}) -
           size() * headers_bytes;
}

void Frames::go_on() noexcept {
    check(shape_.form == proto::Form::columns, "the times of other forms lie scattered");
    ++boot_id_;
    for (std::size_t i = 0; i < size(); ++i) {
        const std::span<std::byte> datagram(at(i) + headers_bytes, lengths_[i] - headers_bytes);
        std::memcpy(datagram.data() + boot_id_tag_offset + 1, &boot_id_, sizeof(boot_id_));
        move_times(datagram, shape_.readings_per_frame, span_ns());
        std::byte* const checksum = datagram.data() - 2;
        put_u16(checksum, 0);
        put_u16(checksum, udp_checksum(frame(i).subspan(ethernet_bytes)));
        flush(i);
    }
    _mm_mfence();
}

std::uint32_t Frames::make_new_to(std::uint32_t seen) noexcept {
    if (boot_id_ == seen) {
        go_on();
        return boot_id_;
    }
    for (std::size_t i = 0; i < size(); ++i) {
        flush(i);
    }
    _mm_mfence();
    return boot_id_;
}

void Frames::flush(std::size_t i) const noexcept {
    for (std::size_t byte = 0; byte < lengths_[i]; byte += 64) {
        _mm_clflush(at(i) + byte);
    }
}

void Frames::move_times(std::span<std::byte> datagram,
                        std::size_t readings,
                        std::uint64_t by_ns) noexcept {
    // The last column, of plain words.
    std::byte* const times = datagram.data() + datagram.size() - readings * sizeof(by_ns);
    for (std::size_t i = 0; i < readings; ++i) {
        std::uint64_t time_ns = 0;
        std::memcpy(&time_ns, times + i * sizeof(time_ns), sizeof(time_ns));
        time_ns += by_ns;
        std::memcpy(times + i * sizeof(time_ns), &time_ns, sizeof(time_ns));
    }
}

std::size_t MemorySource::poll(std::span<proto::FrameView> views) noexcept {
    const std::size_t count = std::min(views.size(), frames_.size() - next_);
    const std::uint64_t now_ns = unix_now_ns();
    for (std::size_t i = 0; i < count; ++i) {
        const std::span<const std::byte> bytes = frames_.frame(next_ + i);
        __builtin_prefetch(bytes.data());
        views[i] = {bytes, static_cast<std::uint32_t>(bytes.size()), checksum_, now_ns};
    }
    next_ += count;
    return count;
}

}  // namespace roda::bench
