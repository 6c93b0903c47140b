#include <cstdio>
#include <stdexcept>

#include "tests/bench/bare_chain.h"
#include "tests/bench/benches.h"
#include "tests/bench/detector_bank.h"
#include "tests/bench/product_chain.h"
#include "tests/support/mosquitto.h"

namespace tocsin::bench {
namespace {

constexpr int lines = 50, units_per_line = 8;  // more on one line could miss a detection deadline
constexpr std::size_t detectors = std::size_t{lines} * units_per_line;
constexpr std::chrono::milliseconds period{1600};
constexpr std::size_t block = 50;    // alarms on one side before the other has its turn
constexpr std::size_t warm_up = 20;  // not counted: files and connections are young
constexpr double p50_goal = 1.5;

bool always() {
  return true;
}

struct Pairs {
  std::vector<Latencies> ours, bare;  // one of each per pair of blocks
};

Pairs alternate(Director& ours, Director& bare, ProductChain& product, std::size_t events) {
  Pairs pairs;
  for (std::size_t done = 0; done < events; done += block) {
    pairs.ours.push_back(ours.run(block, [&] { return product.alive(); }));
    pairs.bare.push_back(bare.run(block, always));
    std::fprintf(stderr, "alarm: %5zu of %zu, p50 %4.0f us, bare %4.0f us, lost %zu\n", done + block, events,
                 median(pairs.ours.back().to_city), median(pairs.bare.back().to_city), ours.lost());
  }
  return pairs;
}

using Part = std::vector<double> Latencies::*;

std::vector<double> all(const std::vector<Latencies>& blocks, Part part) {
  std::vector<double> values;
  for (const Latencies& one : blocks) values.insert(values.end(), (one.*part).begin(), (one.*part).end());
  return values;
}

Finding compare(const Pairs& pairs, Part part, const std::string& metric, double share) {
  Finding finding{"alarm", metric, percentile(all(pairs.ours, part), share), "us", {}, {}, {}, true};
  finding.reference = percentile(all(pairs.bare, part), share);
  finding.ratio = finding.value / *finding.reference;
  return finding;
}

// The medians of a pair of blocks saw the same machine: the median of their ratios is the figure that counts.
double median_ratio(const Pairs& pairs, Part part) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < pairs.ours.size(); ++i)
    ratios.push_back(median(pairs.ours[i].*part) / median(pairs.bare[i].*part));
  return median(ratios);
}

std::vector<Finding> findings(const Pairs& pairs, std::size_t lost) {
  Finding city = compare(pairs, &Latencies::to_city, "poll to city p50", 0.5);
  city.ratio = median_ratio(pairs, &Latencies::to_city);
  city.goal = p50_goal;
  Finding field = compare(pairs, &Latencies::to_field, "poll to field broker p50", 0.5);
  field.ratio = median_ratio(pairs, &Latencies::to_field);
  const Finding alarms{"alarm",
                       "alarms measured",
                       static_cast<double>(all(pairs.ours, &Latencies::to_city).size()),
                       "",
                       {},
                       {},
                       {},
                       true};
  const Finding missing{"alarm", "alarms that never came", static_cast<double>(lost), "", {}, {}, 0, true};
  return {judged(city), compare(pairs, &Latencies::to_city, "poll to city p99", 0.99),
          field,        compare(pairs, &Latencies::to_field, "poll to field broker p99", 0.99),
          alarms,       judged(missing)};
}

}  // namespace

std::vector<Finding> bench_alarm(const Options& options) {
  const test::TempDir folder;
  test::Mosquitto field, city;
  Director ours(detectors), bare(detectors);
  DetectorBank our_bank(lines, units_per_line, ours), bare_bank(lines, units_per_line, bare);
  BareChain bare_chain(
      {bare_bank.ports(), units_per_line, period, field.url(), city.url(), folder.path().string()}, bare);
  ProductChain product({options.programs, options.profiles, our_bank.ports(), units_per_line, period,
                        field.url(), city.url(), test::free_port(), folder.path()},
                       ours);
  try {
    bare.run(warm_up, always);
    ours.run(warm_up, [&] { return product.alive(); });
    const std::size_t lost_before = ours.lost();  // the uplink was still coming up
    const Pairs pairs = alternate(ours, bare, product, options.events);
    return findings(pairs, ours.lost() - lost_before);
  } catch (const std::exception&) {
    for (const char* log : {"gateway.log", "cloud.log"}) {
      std::fprintf(stderr, "---- %s\n", log);
      if (std::system(("tail -n 15 '" + (folder / log).string() + "' >&2").c_str()) != 0) break;
    }
    throw;
  }
}

}  // namespace tocsin::bench
