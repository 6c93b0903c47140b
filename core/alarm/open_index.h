#pragma once
// Where the open records are: by zone, by device, by alarm id. In a flood every step asks for the records of
// one zone, never for all of them. Owned by the machine; holds pointers to its entries, which never move.

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/alarm/entry.h"

namespace tocsin::alarm {

class OpenIndex {
 public:
  // To be called whenever the entry's record was opened, named or closed.
  void follow(const Entry& entry);

  const Record* find_id(const std::string& alarm_id) const;               // nullptr when not open
  std::vector<const Record*> in_zone(const std::string& zone) const;      // by key
  std::vector<const Record*> of_device(const std::string& device) const;  // by key
  std::vector<const Record*> all() const;                                 // by key
  std::size_t size() const { return all_.size(); }

 private:
  struct ByKey {
    bool operator()(const Entry* a, const Entry* b) const { return a->subject.key < b->subject.key; }
  };
  using Entries = std::set<const Entry*, ByKey>;
  struct Place {
    std::string zone, alarm_id;
  };

  void remove(const Entry& entry);

  Entries all_;
  std::map<std::string, Entries> by_zone_, by_device_;
  std::unordered_map<std::string, const Entry*> by_id_;
  std::unordered_map<const Entry*, Place> places_;  // under what each open entry is listed
};

}  // namespace tocsin::alarm
