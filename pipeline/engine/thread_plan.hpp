// SPDX-License-Identifier: Apache-2.0
// Which stage of an engine runs on which thread. Decided, and checked, before memory is taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/engine/options.hpp"

namespace roda {

/// Stages that name the same core share a thread; a stage without a core has one of its own.
class ThreadPlan {
  public:
    struct Thread {
        std::string name;  // the stages' names, joined with +
        std::optional<std::uint32_t> core;
    };

    /// Errors: StartupError with every fault of the cores.
    ThreadPlan(std::span<const StageOptions> stages, bool cross_node);

    /// In the order of their first stages.
    const std::vector<Thread>& threads() const noexcept { return threads_; }

    std::size_t thread_of(std::size_t stage) const { return thread_of_.at(stage); }

  private:
    std::vector<Thread> threads_;
    std::vector<std::size_t> thread_of_;
};

}  // namespace roda
