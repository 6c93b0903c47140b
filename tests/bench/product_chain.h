#pragma once
// Our programs between the same detectors and the same brokers: tocsin-gateway, tocsin-cloud, and the city's
// subscriber.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/child.h"
#include "tests/bench/director.h"
#include "tests/bench/subscriber.h"

namespace tocsin::bench {

struct ProductSetup {
  std::filesystem::path programs, profiles;  // folders
  std::vector<int> ports;                    // of the detectors' lines
  int units_per_line = 0;
  std::chrono::milliseconds period{};  // each detector is polled about once in it
  std::string field_url, city_url;     // mqtt://127.0.0.1:port
  int api_port = 0;
  std::filesystem::path folder;  // for configurations, databases and logs
};

class ProductChain {
 public:
  ProductChain(const ProductSetup& setup, Director& director);

  bool alive() { return cloud_.alive() && gateway_.alive(); }
  double gateway_cpu() const { return gateway_.cpu_seconds(); }
  double cloud_cpu() const { return cloud_.cpu_seconds(); }

 private:
  BareClient field_, city_;
  Child cloud_, gateway_;
};

}  // namespace tocsin::bench
