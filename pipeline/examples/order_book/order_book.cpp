// SPDX-License-Identifier: Apache-2.0
// Replays a generated day of market-by-order messages: orders -> price levels -> the top of each
// book, in slots that other threads could read -> a signal when the weighted imbalance turns.
#include <cmath>
#include <cstdio>

#include "pipeline/examples/arguments.hpp"
#include "pipeline/examples/order_book/book.hpp"
#include "pipeline/examples/order_book/market_data.hpp"
#include "pipeline/roda.hpp"

namespace roda::examples {
namespace {

constexpr std::uint64_t sample_every = 1'000;
constexpr std::uint32_t max_orders = 65'536;
constexpr std::uint64_t forgotten_after_messages = 1'000'000;

/// An order as it stands; size 0: it is gone.
struct Order {
    std::int32_t price_ticks;
    std::uint32_t size;
};

/// A message that changes an order, as what it does to the book's levels. A modification of an
/// order that nobody added counts as an add; nothing is taken that is not there. Orders of a book
/// that was cleared are never heard of again: they expire, the clock being the message count.
auto track_orders() {
    auto standing = [](const OrderMessage& message) {
        const bool stands = message.action == Action::add || message.action == Action::modify;
        return Order{message.price_ticks, stands ? message.size : 0};
    };
    auto change = [standing](Order& order, const OrderMessage& message) {
        if (message.action == Action::cancel || message.action == Action::fill) {
            order.size -= std::min(order.size, message.size);
        } else {
            order = standing(message);
        }
    };
    auto levels = [](const Order* before, const Order& after, const OrderMessage& message) {
        LevelChange made{};
        made.sequence = message.sequence;
        made.sent_ns = message.sent_ns;
        made.instrument = message.instrument;
        made.side = message.side;
        made.clears = message.action == Action::clear;
        if (before != nullptr) {
            made.left_ticks = before->price_ticks;
            made.left_size = before->size;
        }
        made.entered_ticks = after.price_ticks;
        made.entered_size = after.size;
        return made;
    };
    auto order_is_gone = [](const LevelChange& made) { return made.entered_size == 0; };
    auto sequence = [](const OrderMessage& message) { return message.sequence; };
    return keyed_by(
        {.max_keys = max_orders},
        [](const OrderMessage& message) { return message.order_id; },
        expire_after(forgotten_after_messages, sequence),
        stateful(standing, change, levels),
        forget_when(order_is_gone));
}

/// Which way the book leans, when it leans clearly.
struct Signal {
    std::uint64_t sequence;
    std::uint64_t sent_ns;
    double imbalance;
    std::uint32_t instrument;
    std::int32_t direction;  // -1, 0, 1
};

/// Keeps the books, shows the top of each in its slot, signals a turn once.
auto watch_books(Books& books, SlotStore<TopOfBook>& tops, LatencyHistogram& latency) {
    auto apply = [&books, &tops](const LevelChange& change) {
        books.apply(change);
        const TopOfBook top = books.top(change.instrument, change.sequence);
        tops.set(change.instrument, top);
        const double leaning = imbalance(top);
        const int direction = leaning > 0.5 ? 1 : leaning < -0.5 ? -1 : 0;
        return Signal{change.sequence, change.sent_ns, leaning, change.instrument, direction};
    };
    auto sample = [&latency](const Signal& signal) {
        if (signal.sent_ns != 0) {
            latency.record(monotonic_now_ns() - signal.sent_ns);
        }
    };
    return pipe(map(apply),
                inspect(sample),
                keyed_by(
                    {.max_keys = MarketGenerator::instruments},
                    [](const Signal& signal) { return signal.instrument; },
                    dedup_by([](const Signal& signal) { return signal.direction; })));
}

struct Replay {
    std::uint64_t signals = 0;
    std::uint64_t digest = 0;
    double seconds = 0;
};

template <class EngineType>
Replay replay(EngineType& engine, std::uint64_t messages) {
    Replay result;
    const auto take = [&result](const Signal& signal) {
        ++result.signals;
        result.digest =
            (result.digest ^ signal.sequence ^ static_cast<std::uint64_t>(signal.direction + 1)) *
            0x9e37'79b9'7f4a'7c15u;
    };
    MarketGenerator market(1);
    const std::uint64_t began_ns = monotonic_now_ns();
    for (std::uint64_t i = 0; i < messages; ++i) {
        OrderMessage message = market.next();
        message.sent_ns = i % sample_every == 0 ? monotonic_now_ns() : 0;
        engine.send(message);
        while (const auto signal = engine.try_receive()) {
            take(*signal);
        }
    }
    engine.stop();
    while (const auto signal = engine.try_receive()) {
        take(*signal);
    }
    result.seconds = static_cast<double>(monotonic_now_ns() - began_ns) * 1e-9;
    return result;
}

int run(const Arguments& arguments) {
    Books books;
    SlotStore<TopOfBook> tops({.slots = MarketGenerator::instruments});
    LatencyHistogram latency;
    auto engine =
        roda::engine<OrderMessage>({.journal_records = 65'536})
            .stage({.name = "orders", .core = arguments.core(0)}, track_orders())
            .stage({.name = "books", .core = arguments.core(1)}, watch_books(books, tops, latency))
            .build();
    engine->run();
    const Replay result = replay(*engine, arguments.count);
    std::printf("%lu messages, %lu signals, digest %016lx\n",
                arguments.count,
                result.signals,
                result.digest);
    const auto reader = tops.reader();
    for (std::uint32_t instrument = 0; instrument < MarketGenerator::instruments; ++instrument) {
        const auto top = reader.read(instrument);
        std::printf("instrument %u: best bid %u at %d, best ask %u at %d\n",
                    instrument,
                    top.value.bids[0].volume,
                    top.value.bids[0].price_ticks,
                    top.value.asks[0].volume,
                    top.value.asks[0].price_ticks);
    }
    std::fprintf(stderr,
                 "%.1f M messages/s; message to signal, every %luth: p50 %lu ns, p99 %lu ns\n",
                 static_cast<double>(arguments.count) / result.seconds * 1e-6,
                 sample_every,
                 latency.quantile(0.5),
                 latency.quantile(0.99));
    for (const StageStatus& stage : engine->counters()) {
        std::fprintf(stderr,
                     "stage %s: %lu taken, %lu handed on, %lu keys, %lu forgotten, %lu refused\n",
                     stage.name.data(),
                     stage.counters.taken,
                     stage.counters.emitted,
                     stage.counters.keys,
                     stage.counters.expired,
                     stage.counters.refused);
    }
    return engine->failure().empty() ? 0 : 1;
}

}  // namespace
}  // namespace roda::examples

int main(int argc, char** argv) {
    return roda::examples::run(roda::examples::Arguments::parse(argc, argv, 2'000'000));
}
