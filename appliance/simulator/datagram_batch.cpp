// SPDX-License-Identifier: Apache-2.0
#include "appliance/simulator/datagram_batch.hpp"

#include <stdexcept>

namespace roda::appliance {

DatagramBatch::DatagramBatch(proto::Form form, std::uint32_t readings_per_datagram)
    : form_(form), readings_(readings_per_datagram), bytes_(capacity * buffer_bytes) {
    for (std::size_t position = 0; position < capacity; ++position) {
        vectors_[position].iov_base = bytes_.data() + position * buffer_bytes;
        messages_[position].msg_hdr.msg_iov = &vectors_[position];
        messages_[position].msg_hdr.msg_iovlen = 1;
    }
}

void DatagramBatch::add(const PlannedDatagram& datagram, std::size_t planted_before) {
    const std::span<std::byte> buffer =
        std::span(bytes_).subspan(size_ * buffer_bytes, buffer_bytes);
    const std::size_t bytes = proto::encode_datagram(
        datagram.header, std::span(readings_).first(datagram.readings), form_, buffer);
    if (bytes == 0) {
        throw std::logic_error("roda send: a datagram does not fit its form");
    }
    vectors_[size_].iov_len = bytes;
    contents_[size_] = {.readings = datagram.readings, .planted_before = planted_before};
    ++size_;
}

}  // namespace roda::appliance
