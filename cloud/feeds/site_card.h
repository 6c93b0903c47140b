#pragma once
// What the city is told of a building, and that the aggregator is alive. Pure.

#include <string>

#include "cloud/app/config.h"

namespace tocsin::cloud {

std::string site_topic(const SiteCard& card);
std::string to_document(const SiteCard& card);

struct Heartbeat {
  std::string aggregator;
  std::uint64_t feed_epoch = 1, feed_seq = 0;  // head of the city's log
  std::size_t gateways = 0, silent = 0;
  UtcTime time{};
  bool alive = true;  // false in the last will
};
std::string to_document(const Heartbeat& heartbeat);

}  // namespace tocsin::cloud
