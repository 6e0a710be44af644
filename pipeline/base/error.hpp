// SPDX-License-Identifier: Apache-2.0
// The one exception of the program: something that keeps it from starting.
// Thrown only before the first frame is polled; on the hot path errors are counters.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace roda {

/// Says what went wrong, where, and what the operator can do about it.
///
/// Shape: what() is the whole message, `WHERE: WHAT (HINT)`, ready to print.
class StartupError : public std::runtime_error {
  public:
    StartupError(std::string what, std::string where, std::string hint)
        : std::runtime_error(compose(what, where, hint)),
          where_(std::move(where)),
          hint_(std::move(hint)) {}

    const std::string& where() const noexcept { return where_; }

    const std::string& hint() const noexcept { return hint_; }

  private:
    static std::string compose(const std::string& what,
                               const std::string& where,
                               const std::string& hint) {
        std::string message = where.empty() ? what : where + ": " + what;
        if (!hint.empty()) {
            message += " (" + hint + ")";
        }
        return message;
    }

    std::string where_;
    std::string hint_;
};

}  // namespace roda
