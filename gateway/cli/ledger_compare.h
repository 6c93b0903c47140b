#pragma once
// Whether gateway and cloud agree on what the cloud has. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace tocsin::cli {

struct LaneAgreement {
  std::string lane;
  std::uint64_t accepted = 0;  // highest number the gateway gave
  std::uint64_t acked = 0;     // up to here the gateway knows that the cloud has them
  std::uint64_t upto = 0;      // up to here the cloud says that it is complete, but for its gaps
  std::string problem;         // empty: they agree up to `upto`
};

struct Gap {
  std::string where, epoch, lane, cause;  // where: "gateway" or "cloud"
  std::uint64_t from = 0, to = 0;
};

struct Comparison {
  std::vector<LaneAgreement> lanes;
  std::vector<Gap> gaps;
  bool agree() const;  // no problem in any lane, and no gap among the alarms
};

// `gateway`: the daemon's answer to `ledger`; `cloud`: of /api/v1/gateways/<id>/ledger, empty when nobody
// asked it. Members that are missing count as 0 or nothing: a cloud of another version is no reason to stop.
Comparison compare(const boost::json::object& gateway, const boost::json::object& cloud);

}  // namespace tocsin::cli
