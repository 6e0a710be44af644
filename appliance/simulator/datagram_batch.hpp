// SPDX-License-Identifier: Apache-2.0
// A few encoded datagrams of one gateway, laid out for sendmmsg(). Allocated once, filled again
// and again.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "appliance/simulator/plan.hpp"
#include "proto/encoder.hpp"

namespace roda::appliance {

class DatagramBatch {
  public:
    static constexpr std::size_t capacity = 64;

    DatagramBatch(proto::Form form, std::uint32_t readings_per_datagram);
    DatagramBatch(const DatagramBatch&) = delete;  // the message headers point into it
    DatagramBatch& operator=(const DatagramBatch&) = delete;

    void clear() noexcept { size_ = 0; }

    /// Where the readings of the next datagram go.
    std::span<proto::Reading> readings() noexcept { return readings_; }

    /// Encodes the front of readings() as one more datagram. `planted_before` is the length of the
    /// plan's list without this datagram. Errors: std::logic_error when it does not fit, which
    /// check(SendOptions) rules out.
    void add(const PlannedDatagram& datagram, std::size_t planted_before);

    std::size_t size() const noexcept { return size_; }

    std::span<mmsghdr> messages_from(std::size_t first) noexcept {
        return std::span(messages_).subspan(first, size_ - first);
    }

    std::size_t bytes(std::size_t position) const noexcept { return vectors_[position].iov_len; }

    std::size_t readings(std::size_t position) const noexcept {
        return contents_[position].readings;
    }

    std::size_t planted_before(std::size_t position) const noexcept {
        return contents_[position].planted_before;
    }

  private:
    struct Content {
        std::size_t readings = 0;
        std::size_t planted_before = 0;
    };

    static constexpr std::size_t buffer_bytes = 1500;

    proto::Form form_;
    std::vector<proto::Reading> readings_;
    std::vector<std::byte> bytes_;
    std::array<iovec, capacity> vectors_{};
    std::array<mmsghdr, capacity> messages_{};
    std::array<Content, capacity> contents_{};
    std::size_t size_ = 0;
};

}  // namespace roda::appliance
