// SPDX-License-Identifier: Apache-2.0
// Roda over virtual DPDK ports against the kernel program over sockets, both fed by the same
// process over links of one network of our own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/live_trial.hpp"
#include "bench/options.hpp"
#include "bench/suite.hpp"
#include "dpdk/eal.hpp"
#include "dpdk/port.hpp"

namespace roda::bench {

/// Thread: the process's first, before any other is started: it forks and moves the process into
/// a network namespace of its own, for good.
/// Errors: StartupError without root, or where no port starts.
class LiveComparison {
  public:
    LiveComparison(const Options& options, const Frames& frames, const appliance::Config& config);
    ~LiveComparison();
    LiveComparison(const LiveComparison&) = delete;
    LiveComparison& operator=(const LiveComparison&) = delete;

    /// Two results: the no-drop rates, and the processor time at a load that all of them hold.
    std::vector<Result> run(const std::string& knee_name, const std::string& cpu_name);

  private:
    struct Contender {
        std::string name;
        Link link;
        std::function<std::unique_ptr<LiveReceiver>()> make;
        std::unique_ptr<LiveReceiver> receiver{};
        std::uint64_t digest = 0;
        std::vector<Knee> knees{};
        std::vector<double> cpu_ns{};
    };

    void open_ports(const appliance::Config& config);
    void add_port(const Link& link, const std::string& device, const appliance::Config& config);
    Trial offer(Contender& contender, double per_second, double seconds);
    void agree();
    std::uint64_t digest_in_order(std::uint64_t datagrams) const;
    void find_knees();
    void measure_cpu();
    double common_load() const;
    std::string knees_text(const Contender& contender) const;
    std::string overload_text();
    Result table(const std::string& name,
                 const std::function<std::vector<double>(const Contender&)>& ns_per_reading) const;

    const Options& options_;
    const Frames& frames_;
    LiveSender sender_;
    std::vector<std::string> refused_;  // ports that did not start, and why
    std::unique_ptr<dpdk::Eal> eal_;
    std::vector<std::unique_ptr<dpdk::Port>> ports_;
    std::vector<Contender> contenders_;  // the kernel program first
    bool disagreement_ = false;
    appliance::Config config_;
};

}  // namespace roda::bench
