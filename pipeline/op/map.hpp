// SPDX-License-Identifier: Apache-2.0
// map: one record in, one out. A function that returns an optional may drop.
#pragma once

#include "pipeline/op/operator.hpp"

namespace roda {

template <class Function, class In>
class Map {
  public:
    using Output = typename Emitted<ResultOf<Function, const In&>>::Type;

    explicit Map(Function function) : function_(std::move(function)) {}

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        emit(std::invoke(function_, item), cause, next);
    }

    template <class Next>
    void flush(Next&&) {}

  private:
    [[no_unique_address]] Function function_;
};

template <class Function>
struct MapSpec {
    Function function;

    template <class In>
        requires std::is_invocable_v<const Function&, const In&>
    Map<Function, In> bind() const {
        return Map<Function, In>(function);
    }
};

/// Turns each record into another: `map(&Summary::mean)`, `map([](const Reading& r) { ... })`.
template <class Function>
MapSpec<Function> map(Function function) {
    return {std::move(function)};
}

}  // namespace roda
