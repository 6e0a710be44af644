// SPDX-License-Identifier: Apache-2.0
// inspect: looks at each record and passes it on as it is.
#pragma once

#include "pipeline/op/operator.hpp"

namespace roda {

template <class Function, class In>
class Inspect {
  public:
    using Output = In;

    explicit Inspect(Function function) : function_(std::move(function)) {}

    [[gnu::always_inline]] bool admit(const In& item) const {
        std::invoke(function_, item);
        return true;
    }

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        admit(item);
        next(item, cause);
    }

    template <class Next>
    void flush(Next&&) {}

  private:
    [[no_unique_address]] Function function_;
};

template <class Function>
struct InspectSpec {
    Function function;

    template <class In>
        requires std::is_invocable_v<const Function&, const In&>
    Inspect<Function, In> bind() const {
        return Inspect<Function, In>(function);
    }
};

/// Calls `function` for its side effect.
template <class Function>
InspectSpec<Function> inspect(Function function) {
    return {std::move(function)};
}

}  // namespace roda
