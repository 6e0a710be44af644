// SPDX-License-Identifier: Apache-2.0
// That the forms of every stock encoder are recognised: the general walk would decode them as well,
// only slower, so no test of the decoder can tell. What is no such form is the oracle test's.
#include "proto/usual_form.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "proto/encoder.hpp"

namespace roda {
namespace {

using proto::DatagramHeader;
using proto::Form;
using proto::NarrowForm;
using proto::Reading;
using proto::WideForm;

std::vector<std::byte> encoded(const DatagramHeader& header, Form form, std::size_t n) {
    const std::vector<Reading> readings(n, {1, 2, 3});
    std::vector<std::byte> bytes(64 + 32 * n);
    bytes.resize(proto::encode_datagram(header, readings, form, bytes));
    return bytes;
}

std::span<const std::byte> without_scalars(std::span<const std::byte> datagram) {
    DatagramHeader header;
    proto::ScalarPrefix scalars(datagram);
    scalars.take(1, header.device_id);
    scalars.take(2, header.boot_id);
    scalars.take(3, header.sequence);
    return scalars.rest();
}

TEST(UsualForm, ColumnsAreRecognisedAtEverySizeOfADatagram) {
    for (std::size_t n = 1; n <= 370; ++n) {  // jumbo frames
        EXPECT_EQ(WideForm::of(encoded({}, Form::columns, n)).readings, n);
        EXPECT_EQ(NarrowForm::of(encoded({}, Form::narrow, n)).readings, n);
    }
}

TEST(UsualForm, EachScalarMayBeLeftOut) {
    for (unsigned set = 0; set < 8; ++set) {
        const DatagramHeader header = {
            .device_id = set & 1u, .sequence = set & 2u, .boot_id = set & 4u};
        EXPECT_EQ(WideForm::of(without_scalars(encoded(header, Form::columns, 57))).readings, 57u);
        EXPECT_EQ(NarrowForm::of(without_scalars(encoded(header, Form::narrow, 85))).readings, 85u);
    }
}

TEST(UsualForm, ALengthOfThreeBytesIsLeftToTheGeneralWalk) {
    EXPECT_EQ(WideForm::of(encoded({}, Form::columns, 2047)).readings, 2047u);
    EXPECT_EQ(WideForm::of(encoded({}, Form::columns, 2048)).readings, 0u);
    EXPECT_EQ(NarrowForm::of(encoded({}, Form::narrow, 2047)).readings, 2047u);
    EXPECT_EQ(NarrowForm::of(encoded({}, Form::narrow, 2048)).readings, 0u);
}

TEST(UsualForm, RowsAndNothingAreNoColumns) {
    for (const std::size_t n : {0u, 1u, 47u}) {
        const std::vector<std::byte> bytes = encoded({}, Form::rows, n);
        EXPECT_EQ(WideForm::of(bytes).readings, 0u);
        EXPECT_EQ(NarrowForm::of(bytes).readings, 0u);
    }
}

}  // namespace
}  // namespace roda
