// SPDX-License-Identifier: Apache-2.0
#include "bench/live_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "bench/kernel_program.hpp"
#include "pipeline/base/error.hpp"

namespace roda::bench {
namespace {

// Interfaces of each end, one network each.
const Link socket_link{"to_sockets", 1, true};
const Link frames_link{"to_sockets_2", 2, false};
const Link xdp_link{"to_xdp", 3, false};
const Link packet_link{"to_packet", 4, false};

const std::string xdp_device = "net_af_xdp0,iface=" + xdp_link.interface;
const std::string packet_device =
    "net_af_packet0,iface=" + packet_link.interface + ",blocksz=65536,framesz=2048,framecnt=4096";

std::string rounded(double number) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.0f", number);
    return text;
}

Spread knee_spread(const std::vector<Knee>& knees) {
    std::vector<double> rates;
    for (const Knee& knee : knees) {
        rates.push_back(knee.datagrams_per_second);
    }
    return Spread::of(std::move(rates));
}

}  // namespace

LiveComparison::LiveComparison(const Options& options,
                               const Frames& frames,
                               const appliance::Config& config)
    : options_(options), frames_(frames), sender_(frames, options.cores.second), config_(config) {
    enter_network_of_its_own();
    for (const Link& link : {socket_link, frames_link}) {
        make_link(link, sender_.process(), /*kernel_receives=*/true);
        receive_on(link, options.cores.first);
    }
    make_link(xdp_link, sender_.process(), false);
    make_link(packet_link, sender_.process(), false);
    receive_on(packet_link, options.cores.first);
    const auto kernel = [&config](const Link& link) {
        return [&config, link] { return kernel_receiver(config, link); };
    };
    contenders_.push_back({"kernel program", socket_link, kernel(socket_link)});
    contenders_.push_back({"kernel program, frame by frame", frames_link, kernel(frames_link)});
    open_ports(config);
}

LiveComparison::~LiveComparison() {
    const QuietStderr quiet;
    contenders_.clear();
    ports_.clear();
    eal_.reset();
}

void LiveComparison::open_ports(const appliance::Config& config) {
    const QuietStderr quiet;
    eal_ = std::make_unique<dpdk::Eal>(
        dpdk::EalOptions{.devices = {xdp_device, packet_device}, .extra_args = {}});
    // The faster one first.
    add_port(xdp_link, xdp_device, config);
    add_port(packet_link, packet_device, config);
    if (ports_.empty()) {
        throw StartupError(refused_.front(), "live ports", "no virtual port starts here");
    }
}

void LiveComparison::add_port(const Link& link,
                              const std::string& device,
                              const appliance::Config& config) {
    try {
        dpdk::PortOptions options = config.port.options;
        options.device = device;
        options.addresses = {link.receiver_address()};
        options.rx_descriptors = 2048;
        auto port = std::make_unique<dpdk::Port>(*eal_, options);
        port->start();
        appliance::Config addressed = config;
        addressed.port.options = options;
        dpdk::RxQueue& queue = port->rx_queue();
        contenders_.push_back({ports_.empty() ? "roda" : "roda, " + port->driver(),
                               link,
                               [addressed, &queue] { return roda_receiver(addressed, queue); }});
        ports_.push_back(std::move(port));
    } catch (const StartupError& error) {
        refused_.emplace_back(error.what());
    }
}

Trial LiveComparison::offer(Contender& contender, double per_second, double seconds) {
    constexpr double at_once = LiveSender::datagrams_at_once;
    const double sends = std::max(std::round(per_second * seconds / at_once), 1.0);
    return run_trial(sender_,
                     *contender.receiver,
                     contender.link,
                     {per_second, static_cast<std::uint64_t>(sends * at_once)});
}

/// Of the alerts that datagrams give in the order in which they are sent.
std::uint64_t LiveComparison::digest_in_order(std::uint64_t datagrams) const {
    KernelProgram<ReusedMessageParser, OneMap> program(config_);
    for (std::uint64_t i = 0; i < datagrams; ++i) {
        program.take(frames_.datagram(i % frames_.size()));
    }
    return program.digest();
}

/// At a load that is easy for all, the same datagrams must give the same alerts. On a busy host
/// some that devices sent one after the other change places on the way: they are sent again.
void LiveComparison::agree() {
    constexpr double easy_per_second = 10'000;
    constexpr int tries = 10;
    for (Contender& contender : contenders_) {
        Trial trial;
        bool agrees = false;
        for (int i = 0; i < tries && !agrees; ++i) {
            contender.receiver.reset();  // before its successor takes the same address
            contender.receiver = contender.make();
            trial = offer(contender, easy_per_second, options_.size(1.0, 0.05));
            contender.digest = contender.receiver->alerts();
            agrees = trial.lost() == 0 && contender.digest == digest_in_order(trial.sent);
        }
        if (trial.lost() != 0) {
            throw StartupError(std::to_string(trial.lost()) + " of " + std::to_string(trial.sent) +
                                   " datagrams do not arrive",
                               contender.name,
                               "even at " + rounded(easy_per_second) + " in a second");
        }
        disagreement_ |= !agrees;
    }
}

void LiveComparison::find_knees() {
    const double seconds = options_.size(0.4, 0.02);
    for (Contender& contender : contenders_) {
        const double before =
            contender.knees.empty() ? 0 : contender.knees.back().datagrams_per_second;
        const KneeSearch search{.from_per_second = std::max(0.9 * before, 40'000.0),
                                .tolerance = options_.size(0.05, 1.0)};
        contender.knees.push_back(find_knee(
            search, [&](double per_second) { return offer(contender, per_second, seconds); }));
    }
}

void LiveComparison::measure_cpu() {
    const double per_second = common_load();
    for (Contender& contender : contenders_) {
        contender.cpu_ns.push_back(offer(contender, per_second, options_.size(1.0, 0.02)).cpu_ns);
    }
}

/// Nine tenths of the lowest no-drop rate.
double LiveComparison::common_load() const {
    double lowest = contenders_.front().knees.front().datagrams_per_second;
    for (const Contender& contender : contenders_) {
        for (const Knee& knee : contender.knees) {
            lowest = std::min(lowest, knee.datagrams_per_second);
        }
    }
    return 0.9 * lowest;
}

std::string LiveComparison::knees_text(const Contender& contender) const {
    const Spread rate = knee_spread(contender.knees);
    const auto senders = std::ranges::count_if(contender.knees, &Knee::is_senders);
    std::string text = "no-drop rate of " + contender.name + ": " + rounded(rate.median) + " (" +
                       rounded(rate.min) + " - " + rounded(rate.max) + ") datagrams/s";
    if (senders != 0) {
        text += ", the sender's limit in " + std::to_string(senders) + " of " +
                std::to_string(contender.knees.size()) + " rounds";
    }
    return text;
}

/// Between the no-drop rates of the kernel program and the fastest port.
std::string LiveComparison::overload_text() {
    const auto rate = [](const Contender& contender) {
        return knee_spread(contender.knees).median;
    };
    const double per_second = std::sqrt(rate(contenders_.front()) *
                                        rate(*std::ranges::max_element(contenders_, {}, rate)));
    std::string text = "at " + rounded(per_second) + " datagrams/s, lost:";
    for (Contender& contender : contenders_) {
        const Trial trial = offer(contender, per_second, options_.size(2.0, 0.02));
        text += (&contender == &contenders_.front() ? " " : "; ") + contender.name + " " +
                std::to_string(trial.lost()) + " of " + std::to_string(trial.sent) + " (" +
                std::to_string(trial.gaps) + " as gaps)";
    }
    return text;
}

Result LiveComparison::table(
    const std::string& name,
    const std::function<std::vector<double>(const Contender&)>& ns_per_reading) const {
    Result result{.name = name, .records = frames_.readings(), .rows = {}};
    for (const Contender& contender : contenders_) {
        result.rows.push_back(
            {contender.name, /*same_work=*/true, ns_per_reading(contender), contender.digest});
    }
    result.disagreement = disagreement_;
    return result;
}

std::vector<Result> LiveComparison::run(const std::string& knee_name, const std::string& cpu_name) {
    const auto readings_each =
        static_cast<double>(frames_.readings()) / static_cast<double>(frames_.size());
    agree();
    const std::uint32_t rounds = options_.smoke ? 1 : std::min(options_.rounds, 5u);
    for (std::uint32_t round = 0; round < rounds; ++round) {
        find_knees();
    }
    for (std::uint32_t round = 0; round < rounds; ++round) {
        measure_cpu();
    }
    Result knees = table(knee_name, [readings_each](const Contender& contender) {
        std::vector<double> ns;
        for (const Knee& knee : contender.knees) {
            ns.push_back(1e9 / (knee.datagrams_per_second * readings_each));
        }
        return ns;
    });
    for (const Contender& contender : contenders_) {
        knees.remarks.push_back(knees_text(contender));
    }
    knees.remarks.push_back("roda is over " + ports_.front()->driver());
    knees.remarks.push_back(overload_text());
    for (const std::string& refused : refused_) {
        knees.remarks.push_back("not here: " + refused);
    }
    Result cpu = table(cpu_name, &Contender::cpu_ns);
    cpu.remarks.push_back("at " + rounded(common_load()) +
                          " datagrams/s; a port is polled also while nothing comes");
    return {std::move(knees), std::move(cpu)};
}

}  // namespace roda::bench
