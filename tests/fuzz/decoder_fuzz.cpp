// SPDX-License-Identifier: Apache-2.0
// Any bytes as a datagram: both decoders answer as libprotobuf does, inside the memory they have.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "proto/decoder.hpp"
#include "proto/general_decoder.hpp"
#include "tests/fuzz/exact_copy.hpp"
#include "tests/proto/decoder_oracle.hpp"

namespace roda {
namespace {

constexpr std::uint64_t arrival_ns = 1'700'000'000'000'000'000;
constexpr std::size_t space = 64;  // small enough for an input to hold more

void judge(const char* name,
           decltype(proto::decode_datagram)& decode,
           std::span<const std::byte> datagram,
           const test::Expected& expected) {
    const auto out = std::make_unique<proto::Reading[]>(space);
    const proto::Decoded decoded = decode(datagram, arrival_ns, {out.get(), space});
    const std::string fault = test::difference(expected, decoded, out.get());
    if (!fault.empty()) {
        std::fprintf(stderr, "%s and libprotobuf differ: %s\n", name, fault.c_str());
        std::abort();
    }
}

}  // namespace
}  // namespace roda

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const roda::fuzz::ExactCopy copy(data, size);
    const std::span<const std::byte> datagram = copy.bytes();
    const auto expected = roda::test::ask_libprotobuf(datagram, roda::arrival_ns, roda::space);
    roda::judge("decode_datagram", roda::proto::decode_datagram, datagram, expected);
    roda::judge("decode_any_form", roda::proto::decode_any_form, datagram, expected);
    return 0;
}
