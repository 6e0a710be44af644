// SPDX-License-Identifier: Apache-2.0
// filter: passes the records for which the predicate holds.
#pragma once

#include "pipeline/op/operator.hpp"

namespace roda {

template <class Predicate, class In>
class Filter {
  public:
    using Output = In;

    explicit Filter(Predicate predicate) : predicate_(std::move(predicate)) {}

    [[gnu::always_inline]] bool admit(const In& item) const {
        return std::invoke(predicate_, item);
    }

    template <class Next>
    [[gnu::always_inline]] void push(const In& item, Cause cause, Next&& next) {
        if (admit(item)) {
            next(item, cause);
        }
    }

    template <class Next>
    void flush(Next&&) {}

  private:
    [[no_unique_address]] Predicate predicate_;
};

template <class Predicate>
struct FilterSpec {
    Predicate predicate;

    template <class In>
        requires std::is_invocable_r_v<bool, const Predicate&, const In&>
    Filter<Predicate, In> bind() const {
        return Filter<Predicate, In>(predicate);
    }
};

/// Drops the records for which `predicate` is false; count them in the predicate if they matter.
template <class Predicate>
FilterSpec<Predicate> filter(Predicate predicate) {
    return {std::move(predicate)};
}

}  // namespace roda
