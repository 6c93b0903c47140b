#pragma once
// The reference: the hops of one alarm done with bare library calls and as few threads as they allow. A
// thread polls the detectors with libmodbus at the gateway's pace; what changed is read again, committed with
// SQLite (WAL, synchronous FULL), published to the field broker, taken by a subscriber there, committed
// again, published to the city's broker, and taken by the city's subscriber.

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/director.h"

namespace tocsin::bench {

struct BareSetup {
  std::vector<int> ports;  // of the detectors' lines
  int units_per_line = 0;
  std::chrono::milliseconds period{};  // each detector is polled once in it
  std::string field_url, city_url;     // mqtt://127.0.0.1:port
  std::string folder;                  // for the databases
};

class BareChain {
 public:
  BareChain(const BareSetup& setup, Director& director);
  ~BareChain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::bench
