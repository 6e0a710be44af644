// SPDX-License-Identifier: Apache-2.0
// The faults of one file, gathered so that the operator sees all of them at once.
#pragma once

#include <string>
#include <vector>

namespace roda::appliance {

/// A place in a file. Units: 1-based, as editors count.
struct Position {
    int line = 1;
    int column = 1;
};

class FaultList {
  public:
    explicit FaultList(std::string file) : file_(std::move(file)) {}

    /// Shape: text is `what, and what to do`.
    void add(Position position, std::string text);

    /// Errors: StartupError, one `FILE:LINE:COLUMN: text` per line, in the order of the file.
    void throw_if_any() const;

  private:
    struct Fault {
        Position position;
        std::string text;
    };

    std::string file_;
    std::vector<Fault> faults_;
};

}  // namespace roda::appliance
