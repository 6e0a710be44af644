// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/thread_plan.hpp"

#include <algorithm>

#include "pipeline/engine/placement.hpp"

namespace roda {

ThreadPlan::ThreadPlan(std::span<const StageOptions> stages, bool cross_node) {
    for (const StageOptions& stage : stages) {
        const auto shared = std::ranges::find_if(threads_, [&](const Thread& thread) {
            return stage.core && thread.core == stage.core;
        });
        thread_of_.push_back(static_cast<std::size_t>(shared - threads_.begin()));
        if (shared == threads_.end()) {
            threads_.push_back({stage.name, stage.core});
        } else {
            shared->name += "+" + stage.name;
        }
    }
    std::vector<CoreRequest> requests;
    for (const Thread& thread : threads_) {
        if (thread.core) {
            requests.push_back({thread.name, *thread.core});
        }
    }
    check_placement(requests, cross_node);
}

}  // namespace roda
