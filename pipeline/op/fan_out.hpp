// SPDX-License-Identifier: Apache-2.0
// fan_out: one sink out of several. Each output goes to all of them, in their order.
#pragma once

#include <tuple>
#include <utility>

#include "pipeline/op/operator.hpp"

namespace roda {

/// Holds sinks given as lvalues by reference, the others by value.
template <class... Sinks>
class FanOut {
    static_assert(sizeof...(Sinks) > 0, "fan_out(): name at least one sink");

  public:
    explicit FanOut(Sinks&&... sinks) : sinks_(std::forward<Sinks>(sinks)...) {}

    template <class T>
    [[gnu::always_inline]] void operator()(const T& output, Cause cause) {
        static_assert((std::is_invocable_v<Sinks&, const T&, Cause> && ...),
                      "fan_out(): each sink is called as sink(const Output&, cause)");
        hand_to_all(sinks_, output, cause, std::index_sequence_for<Sinks...>());
    }

    /// As what tee() keeps: a const copy.
    template <class T>
    [[gnu::always_inline]] void operator()(const T& output, Cause cause) const {
        static_assert((std::is_invocable_v<const Sinks&, const T&, Cause> && ...),
                      "fan_out(): each sink is called as sink(const Output&, cause)");
        hand_to_all(sinks_, output, cause, std::index_sequence_for<Sinks...>());
    }

  private:
    template <class Tuple, class T, std::size_t... i>
    [[gnu::always_inline]] static void hand_to_all(
        Tuple& sinks, const T& output, Cause cause, std::index_sequence<i...>) {
        (std::invoke(std::get<i>(sinks), output, cause), ...);
    }

    std::tuple<Sinks...> sinks_;
};

/// `bound.run(burst, first, fan_out(to_journal, to_counter))`. A sink given by name is used where
/// it is, not copied, so it keeps what it counts; it outlives the fan-out. Fan-outs nest.
///
/// Order: an output reaches all sinks before the next output reaches any.
template <class... Sinks>
FanOut<Sinks...> fan_out(Sinks&&... sinks) {
    return FanOut<Sinks...>(std::forward<Sinks>(sinks)...);
}

}  // namespace roda
