// SPDX-License-Identifier: Apache-2.0
#include "pipeline/engine/workers.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "pipeline/base/error.hpp"
#include "pipeline/engine/placement.hpp"

namespace roda {

Workers::~Workers() {
    stop(std::chrono::milliseconds(0));
}

Worker& Workers::add(WorkerOptions options, Worker::Turn turn) {
    return *workers_.emplace_back(std::make_unique<Worker>(std::move(options), std::move(turn)));
}

void Workers::start() {
    std::vector<CoreRequest> requests;
    for (const auto& worker : workers_) {
        if (worker->options().core) {
            requests.push_back({worker->options().name, *worker->options().core});
        }
    }
    check_placement(requests, cross_node_);
    try {
        for (auto worker = workers_.rbegin(); worker != workers_.rend(); ++worker) {
            (*worker)->start();
        }
    } catch (const StartupError&) {
        stop(std::chrono::milliseconds(0));
        throw;
    } catch (const std::system_error& error) {
        stop(std::chrono::milliseconds(0));
        throw StartupError(error.what(), "threads of the workers", "raise the limit of tasks");
    }
}

bool Workers::stop(std::chrono::milliseconds patience) {
    bool drained = true;
    for (const auto& worker : workers_) {
        drained = worker->drain(patience) && drained;
    }
    return drained;
}

std::string Workers::failure() const {
    for (const auto& worker : workers_) {
        if (std::string failure = worker->failure(); !failure.empty()) {
            return failure;
        }
    }
    return {};
}

WorkerCounters Workers::counters() const noexcept {
    WorkerCounters sum;
    for (const auto& worker : workers_) {
        const WorkerCounters one = worker->counters();
        sum.busy_turns += one.busy_turns;
        sum.idle_turns += one.idle_turns;
        sum.parks += one.parks;
        sum.turn_max_ns = std::max(sum.turn_max_ns, one.turn_max_ns);
        sum.stalls += one.stalls;
    }
    return sum;
}

}  // namespace roda
