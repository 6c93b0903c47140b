#include "core/alarm/open_index.h"

namespace tocsin::alarm {
namespace {

template <class Entries>
std::vector<const Record*> records_of(const Entries& entries) {
  std::vector<const Record*> records;
  records.reserve(entries.size());
  for (const Entry* entry : entries) records.push_back(&*entry->life.record());
  return records;
}

template <class Lists>
std::vector<const Record*> records_at(const Lists& lists, const std::string& name) {
  const auto place = lists.find(name);
  return place == lists.end() ? std::vector<const Record*>{} : records_of(place->second);
}

template <class Lists>
void erase_from(Lists& lists, const std::string& name, const Entry& entry) {
  const auto place = lists.find(name);
  if (place == lists.end()) return;
  place->second.erase(&entry);
  if (place->second.empty()) lists.erase(place);
}

}  // namespace

void OpenIndex::follow(const Entry& entry) {
  const auto& record = entry.life.record();
  const auto known = places_.find(&entry);
  if (!record && known == places_.end()) return;
  if (record && known != places_.end() && known->second.zone == record->zone &&
      known->second.alarm_id == record->alarm_id)
    return;
  if (known != places_.end()) remove(entry);
  if (!record) return;
  places_[&entry] = {record->zone, record->alarm_id};
  all_.insert(&entry);
  by_zone_[record->zone].insert(&entry);
  by_device_[record->key.device].insert(&entry);
  if (!record->alarm_id.empty()) by_id_[record->alarm_id] = &entry;
}

void OpenIndex::remove(const Entry& entry) {
  const auto known = places_.find(&entry);
  all_.erase(&entry);
  erase_from(by_zone_, known->second.zone, entry);
  erase_from(by_device_, entry.subject.key.device, entry);
  by_id_.erase(known->second.alarm_id);
  places_.erase(known);
}

const Record* OpenIndex::find_id(const std::string& alarm_id) const {
  const auto place = by_id_.find(alarm_id);
  return place == by_id_.end() ? nullptr : &*place->second->life.record();
}

std::vector<const Record*> OpenIndex::in_zone(const std::string& zone) const {
  return records_at(by_zone_, zone);
}

std::vector<const Record*> OpenIndex::of_device(const std::string& device) const {
  return records_at(by_device_, device);
}

std::vector<const Record*> OpenIndex::all() const {
  return records_of(all_);
}

}  // namespace tocsin::alarm
