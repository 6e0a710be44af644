// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/links.hpp"

namespace roda {

EngineLinks::EngineLinks(std::vector<StageOptions> stages, bool cross_node)
    : stages_(std::move(stages)),
      plan_(stages_, cross_node),
      thread_bells_(std::make_unique<Bell[]>(plan_.threads().size())) {}

Bell* EngineLinks::behind(std::size_t stage) noexcept {
    if (stage + 1 == stages_.size()) {
        return &receivers_;
    }
    Bell& next = bell_of(stage + 1);
    return &next == &bell_of(stage) ? nullptr : &next;
}

Bell* EngineLinks::before(std::size_t stage) noexcept {
    if (stage == 0) {
        return &senders_;
    }
    Bell& previous = bell_of(stage - 1);
    return &previous == &bell_of(stage) ? nullptr : &previous;
}

void EngineLinks::ring_all() noexcept {
    for (std::size_t thread = 0; thread < plan_.threads().size(); ++thread) {
        thread_bells_[thread].ring();
    }
    senders_.ring();
    receivers_.ring();
}

void EngineLinks::fail(std::size_t stage, const char* reason) {
    {
        const std::lock_guard lock(failure_mutex_);
        if (!failed_.load(std::memory_order_relaxed)) {
            failure_ = std::string(name_of(stage)) + ": " + reason;
            failed_.store(true, std::memory_order_release);  // F1
        }
    }
    ring_all();
}

}  // namespace roda
