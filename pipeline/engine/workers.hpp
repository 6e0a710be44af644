// SPDX-License-Identifier: Apache-2.0
// Workers that start and stop together: the low-level way to run stores of one's own.
//
//   Bell readings_bell;
//   Workers workers;
//   workers.add({.name = "ingest", .core = 2}, [&] { ...append...; readings_bell.ring(); ... });
//   workers.add({.name = "detect", .core = 3, .bell = &readings_bell}, [&] { ...read... });
//   workers.start();
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/engine/worker.hpp"

namespace roda {

/// Thread: built, started, stopped and destroyed by one; counters, in_turn_ns() and failure() are
/// for any, from start() on.
class Workers {
  public:
    /// cross_node: cores of several NUMA nodes are no fault.
    explicit Workers(bool cross_node = false) : cross_node_(cross_node) {}

    /// Stops all at once, without draining.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// The worker stays where it is as long as this group. Before start().
    Worker& add(WorkerOptions options, Worker::Turn turn);

    /// Checks all cores, then starts all threads, the last added first: who takes work is there
    /// before who brings it.
    ///
    /// Errors: StartupError with every fault of the placement; then no thread runs.
    void start();

    /// Drains them in the order of adding, so add a producer before its consumer; each has
    /// `patience`. False when one of them still had work.
    bool stop(std::chrono::milliseconds patience);

    /// Why a worker ended by itself, the first added one's; empty while all is well.
    std::string failure() const;

    /// Over all: sums, and the longest turn of any.
    WorkerCounters counters() const noexcept;

    const std::vector<std::unique_ptr<Worker>>& all() const noexcept { return workers_; }

  private:
    std::vector<std::unique_ptr<Worker>> workers_;
    bool cross_node_;
};

}  // namespace roda
