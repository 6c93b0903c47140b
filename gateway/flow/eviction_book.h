#pragma once
// What was given up because the disk is bounded: stored in the transaction of the record that says so, so
// that after a crash the rows go again and `tocsin ledger` can name every gap. Pure.

#include <map>
#include <string>
#include <vector>

#include "sync/outbox/outbox.h"
#include "sync/wire/codec.h"

namespace tocsin::flow {

class EvictionBook {
 public:
  static constexpr std::size_t most_kept = 64;  // the oldest go; the cloud has been told of them
  struct Entry {
    wire::EvictionReport report;
    UtcTime at;
  };

  void restore(const std::vector<std::pair<std::string, Bytes>>& rows);  // states of kind "evicted"
  std::vector<outbox::StatePut> note(const wire::EvictionReport& report, UtcTime at);
  const std::map<std::string, Entry>& entries() const { return entries_; }  // by lane, then by seq

 private:
  std::map<std::string, Entry> entries_;
};

}  // namespace tocsin::flow
