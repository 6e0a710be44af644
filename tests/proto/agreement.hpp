// SPDX-License-Identifier: Apache-2.0
// For tests that compare the decoders with libprotobuf over many cases: random choices that a seed
// repeats, and the comparison itself in guarded memory.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "proto/decoder.hpp"
#include "proto/general_decoder.hpp"
#include "tests/proto/decoder_oracle.hpp"
#include "tests/proto/guarded_memory.hpp"
#include "tests/proto/wire_builder.hpp"

namespace roda::test {

inline constexpr std::uint64_t arrival_ns = 1'700'000'000'000'000'000;
inline constexpr std::size_t space = 64;

/// One run of random choices.
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}

    std::uint64_t bits() { return random_(); }

    std::uint64_t below(std::uint64_t end) { return random_() % end; }

    bool one_in(std::uint64_t odds) { return below(odds) == 0; }

    std::mt19937_64& engine() { return random_; }

    /// Any pattern; zero, which proto3 leaves out, is frequent.
    std::uint64_t word() { return one_in(6) ? 0 : bits() >> below(64); }

  private:
    std::mt19937_64 random_;
};

/// Both decoders: with the fast path and without. Counts verdicts, so that a test can tell that its
/// cases reach all of them.
class Oracle {
  public:
    ::testing::AssertionResult agrees(const Bytes& bytes) {
        const Expected expected = ask_libprotobuf(bytes, arrival_ns, space);
        for (const auto decode : {proto::decode_datagram, proto::decode_any_form}) {
            auto* first = reinterpret_cast<proto::Reading*>(
                output_.last(space * sizeof(proto::Reading)).data());
            const proto::Decoded decoded = decode(input_.copy(bytes), arrival_ns, {first, space});
            const std::string fault = difference(expected, decoded, first);
            if (!fault.empty()) {
                return ::testing::AssertionFailure()
                       << (decode == proto::decode_datagram ? "decode_datagram" : "decode_any_form")
                       << ", " << fault << " differs: " << to_hex(bytes);
            }
        }
        if (expected.refusal) {
            ++refused_.at(static_cast<std::size_t>(*expected.refusal));
        } else {
            ++accepted_;
        }
        return ::testing::AssertionSuccess();
    }

    void expect_at_least(int each) const {
        EXPECT_GE(accepted_, each);
        for (std::size_t i = 0; i < refused_.size(); ++i) {
            EXPECT_GE(refused_[i], each) << proto::datagram_refusal_names[i];
        }
    }

  private:
    GuardedMemory input_{65536};
    GuardedMemory output_{space * sizeof(proto::Reading)};
    int accepted_ = 0;
    std::array<int, proto::datagram_refusal_count> refused_{};
};

}  // namespace roda::test
