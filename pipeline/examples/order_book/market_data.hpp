// SPDX-License-Identifier: Apache-2.0
// Market-by-order messages, and a generator of a plausible day of them: the same seed gives the
// same messages, the clumsy ones that real feeds have included.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace roda::examples {

enum class Side : std::uint8_t { bid, ask };

enum class Action : std::uint8_t {
    add,
    modify,  // new price and size of an order
    cancel,  // takes `size` off an order
    fill,    // the same, because it traded
    clear,   // the whole book of the instrument is void
};

struct OrderMessage {
    std::uint64_t sequence;
    std::uint64_t order_id;
    std::uint64_t sent_ns;  // 0: not a sample of the latency
    std::int32_t price_ticks;
    std::uint32_t size;
    std::uint32_t instrument;
    Side side;
    Action action;
    std::uint16_t unused;
};

/// Bids below a mid price and asks above it; which side gets more of the new orders, walks. Cancels
/// more than there is and modifies unknown orders now and then.
class MarketGenerator {
  public:
    static constexpr std::uint32_t instruments = 4;
    static constexpr std::int32_t mid_ticks = 10'000;

    explicit MarketGenerator(std::uint64_t seed) : random_(seed) { markets_.resize(instruments); }

    OrderMessage next() {
        const auto instrument = static_cast<std::uint32_t>(random_() % instruments);
        Market& market = markets_[instrument];
        if (random_() % 64 == 0) {
            market.bids_of_100 += static_cast<std::int32_t>(random_() % 3) - 1;
            market.bids_of_100 = std::clamp(market.bids_of_100, 20, 80);
        }
        OrderMessage message{};
        message.sequence = sequence_++;
        message.instrument = instrument;
        const std::uint64_t dice = random_() % 1'000;
        if (dice == 0 && random_() % 256 == 0) {
            message.action = Action::clear;
            market.live.clear();
        } else if (market.live.size() < live_least ||
                   (dice < 450 && market.live.size() < live_most)) {
            add(message, market);
        } else {
            change(message, market, dice);
        }
        return message;
    }

  private:
    static constexpr std::size_t live_least = 200;
    static constexpr std::size_t live_most = 4'000;

    struct Order {
        std::uint64_t order_id;
        std::int32_t price_ticks;
        std::uint32_t size;
        Side side;
    };

    struct Market {
        std::int32_t bids_of_100 = 50;
        std::vector<Order> live;
    };

    void price(OrderMessage& message) {
        const auto away = static_cast<std::int32_t>(1 + random_() % 40);
        message.price_ticks = mid_ticks + (message.side == Side::bid ? -away : away);
        message.size = static_cast<std::uint32_t>(1 + random_() % 100);
    }

    void add(OrderMessage& message, Market& market) {
        message.action = Action::add;
        message.order_id = next_order_id_++;
        const bool bids = static_cast<std::int32_t>(random_() % 100) < market.bids_of_100;
        message.side = bids ? Side::bid : Side::ask;
        price(message);
        market.live.push_back({message.order_id, message.price_ticks, message.size, message.side});
    }

    void change(OrderMessage& message, Market& market, std::uint64_t dice) {
        const std::size_t at = random_() % market.live.size();
        Order& order = market.live[at];
        message.order_id = order.order_id;
        message.side = order.side;
        if (dice < 600) {
            message.action = Action::modify;
            price(message);
            if (dice >= 590 &&
                market.live.size() <
                    live_most) {  // of an order that nobody added: it counts as an add
                message.order_id = next_order_id_++;
                market.live.push_back(
                    {message.order_id, message.price_ticks, message.size, message.side});
                return;
            }
            order.price_ticks = message.price_ticks;
            order.size = message.size;
            return;
        }
        message.action = dice < 800 ? Action::cancel : Action::fill;
        message.price_ticks = order.price_ticks;
        // Sometimes more than there is: volumes must stop at zero.
        message.size = static_cast<std::uint32_t>(1 + random_() % (order.size + 2));
        order.size -= std::min(order.size, message.size);
        if (order.size == 0) {
            order = market.live.back();
            market.live.pop_back();
        }
    }

    std::mt19937_64 random_;
    std::vector<Market> markets_;
    std::uint64_t sequence_ = 0;
    std::uint64_t next_order_id_ = 1;
};

}  // namespace roda::examples
