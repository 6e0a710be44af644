// SPDX-License-Identifier: Apache-2.0
// What decoding costs: each form of the schema, from warm and from cold memory, against a copy of
// the bytes and against libprotobuf's arena on the same message.
#include <google/protobuf/arena.h>

#include <array>
#include <cstring>
#include <string>

#include "bench/digest.hpp"
#include "bench/frames.hpp"
#include "bench/suite.hpp"
#include "proto/decoder.hpp"
#include "telemetry.pb.h"

namespace roda::bench {
namespace {

namespace pb = roda::telemetry::v1;

constexpr std::size_t ring_readings = 32'768;  // 786 KB: the output stays in the second-level cache
constexpr std::size_t ahead_frames = 4;        // how far the cold loops ask for frames in advance

/// Where decoded readings go, round and round, as in a journal.
class Output {
  public:
    std::span<proto::Reading> room(std::size_t readings) noexcept {
        at_ = at_ + readings > ring_readings ? 0 : at_;
        return {ring_.data() + at_, readings};
    }

    void advance(std::size_t readings) noexcept {
        at_ += readings;
        total_ += readings;
    }

    void restart() noexcept { at_ = total_ = 0; }

    std::uint64_t digest() const {
        Digest digest;
        digest.add(total_);
        digest.add(std::as_bytes(std::span(ring_.data(), ring_.size())));
        return digest.value();
    }

  private:
    Array<proto::Reading> ring_{ring_readings};
    std::size_t at_ = 0;
    std::uint64_t total_ = 0;
};

/// The frames, `passes` times over, each handed to `each(datagram)`.
struct Loop {
    const Frames& frames;
    std::size_t passes;
    bool cold;

    template <class Each>
    void operator()(const Each& each) const {
        for (std::size_t pass = 0; pass < passes; ++pass) {
            for (std::size_t i = 0; i < frames.size(); ++i) {
                if (cold) {
                    frames.prefetch(i + ahead_frames);
                }
                each(frames.datagram(i));
            }
        }
    }
};

Variant copy_bytes(const Loop& loop, Output& output) {
    return {.name = "memcpy",
            .run =
                [loop, &output] {
                    output.restart();
                    loop([&output](std::span<const std::byte> datagram) {
                        constexpr std::size_t slot_readings = 64;
                        std::memcpy(static_cast<void*>(output.room(slot_readings).data()),
                                    datagram.data(),
                                    datagram.size());
                        output.advance(slot_readings);
                    });
                },
            .result = [&output] { return output.digest(); }};
}

Variant decode(const Loop& loop, Output& output) {
    return {.name = "roda",
            .run =
                [loop, &output] {
                    output.restart();
                    loop([&output](std::span<const std::byte> datagram) {
                        const std::size_t most = proto::max_readings_in(datagram.size());
                        const auto decoded = proto::decode_datagram(datagram, 1, output.room(most));
                        output.advance(decoded.accepted ? decoded.readings : 0);
                    });
                },
            .result = [&output] { return output.digest(); }};
}

/// libprotobuf's message as readings, in whichever form it came. By pointers: its accessors check
/// each index in a build that keeps assertions, which would be unfair to it.
std::size_t to_readings(const pb::Datagram& message, proto::Reading* out) {
    const int columns = message.value_size();
    const double* values = message.value().data();
    if (message.sensor_id_size() != 0) {
        const std::uint64_t* ids = message.sensor_id().data();
        const std::uint64_t* times_ns = message.timestamp_ns().data();
        for (int i = 0; i < columns; ++i) {
            out[i] = {ids[i], values[i], times_ns[i]};
        }
    } else {
        const std::uint32_t* ids = message.short_sensor_id().data();
        const std::int32_t* offsets_us = message.time_offset_us().data();
        const std::uint64_t base_ns = message.base_time_ns();
        for (int i = 0; i < columns; ++i) {
            const auto offset_us = static_cast<std::int64_t>(offsets_us[i]);
            out[i] = {ids[i], values[i], base_ns + static_cast<std::uint64_t>(offset_us * 1000)};
        }
    }
    for (const pb::Reading& row : message.readings()) {
        *(out++ + columns) = {row.sensor_id(), row.value(), row.timestamp_ns()};
    }
    return static_cast<std::size_t>(columns + message.readings_size());
}

Variant libprotobuf(const Loop& loop, Output& output) {
    const auto parse = [&output](std::span<const std::byte> datagram) {
        alignas(64) static std::array<char, 65'536> memory;  // the arena never asks the heap
        google::protobuf::ArenaOptions options;
        options.initial_block = memory.data();
        options.initial_block_size = memory.size();
        google::protobuf::Arena arena(options);
        auto* message = google::protobuf::Arena::CreateMessage<pb::Datagram>(&arena);
        const auto bytes = static_cast<int>(datagram.size());
        if (message->ParseFromArray(datagram.data(), bytes)) {
            const std::size_t most = proto::max_readings_in(datagram.size());
            output.advance(to_readings(*message, output.room(most).data()));
        }
    };
    return {.name = "libprotobuf arena",
            .run =
                [loop, &output, parse] {
                    output.restart();
                    loop(parse);
                },
            .result = [&output] { return output.digest(); }};
}

void measure(Suite& suite, const std::string& name, const FramesShape& shape, bool cold) {
    const Frames frames(shape);
    const std::size_t passes = cold ? 1 : suite.options().size<std::size_t>(64, 1);
    const Loop loop{frames, passes, cold};
    std::array<Output, 3> outputs;
    suite.measure(Comparison("decode." + name, passes * frames.readings())
                      .yardstick(copy_bytes(loop, outputs[0]))
                      .same_work(decode(loop, outputs[1]))
                      .same_work(libprotobuf(loop, outputs[2])));
}

void body(Suite& suite) {
    const std::size_t hot = suite.options().size<std::size_t>(256, 32);
    const std::size_t cold = suite.options().size<std::size_t>(49'152, 64);  // 68 MB of datagrams
    constexpr std::uint32_t sensors = 100'000;
    const FramesShape columns{.frames = hot, .sensors = sensors};
    const FramesShape narrow{hot, sensors, proto::Form::narrow, 85};
    const FramesShape rows{hot, sensors, proto::Form::rows, 47};
    measure(suite, "columns_hot", columns, false);
    measure(suite, "columns_cold", {.frames = cold, .sensors = sensors}, true);
    measure(suite, "narrow_hot", narrow, false);
    measure(suite, "rows_hot", rows, false);
}

}  // namespace
}  // namespace roda::bench

int main(int argc, char** argv) {
    return roda::bench::run_suite(
        argc, argv, "decode", "cost of decoding a datagram, per reading", roda::bench::body);
}
