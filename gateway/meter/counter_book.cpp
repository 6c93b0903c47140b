#include "gateway/meter/counter_book.h"

#include <algorithm>
#include <cmath>

#include "gateway/meter/state_codec.h"

namespace tocsin::meter {
namespace {

constexpr Duration far_apart = std::chrono::minutes(15);  // reads around midnight that deserve a note
const std::string identity_prefix = "identity/";

std::string amount(double value, const std::string& unit) {
  return to_string(Value(value)) + (unit.empty() ? "" : " " + unit);
}

void hold_back(Reading& reading) {
  reading.value = {};
  reading.quality = Quality::bad;
  reading.fault = Fault::not_agreed;
}

}  // namespace

CounterBook::CounterBook(const std::vector<driver::DeviceSpec>& devices, const StateRows& restored) {
  for (const auto& device : devices)
    for (const auto& point : device.profile->points) {
      if (point.identity) identity_points_[device.name] = point.name;
      if (point.counter)
        counters_[{device.name, point.name}] = {spec_of(point), point.unit, point.name + ".day", {}, {}, {}};
      if (point.counter || point.identity) devices_.insert(device.name);
    }
  for (const auto& device : devices)
    for (const auto& point : device.profile->points) {
      const auto counter = counters_.find({device.name, point.freezes});
      if (point.freezes.empty() || counter == counters_.end()) continue;
      counter->second.day_point = point.name;
      frozen_[{device.name, point.name}] = counter->first;
    }
  for (const auto& [key, body] : restored) restore(key, body);
}

std::vector<Note> CounterBook::on_readings(std::vector<Reading>& readings) {
  std::vector<Note> notes;
  std::vector<Reading> days;
  for (const auto& reading : readings) {  // first of all: whose totals are these?
    if (devices_.count(reading.id.device) == 0) continue;
    const auto identity = identity_points_.find(reading.id.device);
    if (identity != identity_points_.end() && identity->second == reading.id.point)
      see_identity(reading.id.device, reading, notes);
  }
  for (auto& reading : readings) {
    if (devices_.count(reading.id.device) == 0) continue;
    if (const auto counter = counters_.find(reading.id); counter != counters_.end())
      see_total(counter->second, reading, days, notes);
  }
  std::erase_if(readings, [this](Reading& reading) {
    if (devices_.count(reading.id.device) == 0) return false;
    const auto frozen = frozen_.find(reading.id);
    return frozen != frozen_.end() && !see_frozen(counters_.at(frozen->second), reading);
  });
  readings.insert(readings.end(), days.begin(), days.end());
  return notes;
}

// Another number has to be read twice in a row before the meter counts as replaced.
void CounterBook::see_identity(const std::string& device, const Reading& reading, std::vector<Note>& notes) {
  if (reading.quality != Quality::good || !has_value(reading.value)) return;
  const std::string read = to_string(reading.value);
  Identity& identity = identities_[device];
  if (identity.known == read) {
    if (!identity.pending.empty()) changed_.insert(identity_prefix + device);
    identity.pending.clear();
    return;
  }
  if (!identity.known.empty() && identity.pending != read) {
    identity.pending = read;
    changed_.insert(identity_prefix + device);
    return;
  }
  if (!identity.known.empty()) {
    notes.push_back({device, "meter-replaced", identity.known + " by " + read});
    ++counts_.changes;
    for (auto& [id, counter] : counters_)
      if (id.device == device) {
        counter.state = {};
        counter.days.base.reset();
        changed_.insert(to_string(id));
      }
  }
  identity = {read, ""};
  changed_.insert(identity_prefix + device);
}

void CounterBook::see_total(Counter& counter, Reading& reading, std::vector<Reading>& days,
                            std::vector<Note>& notes) {
  const auto value = as_number(reading.value);
  if (reading.quality == Quality::bad || !value || !std::isfinite(*value))
    return;  // a failed read says nothing
  const std::string key = to_string(reading.id);
  const auto before = counter.state.last;
  const Judgement found = judge(counter.spec, counter.state, *value, reading.t_gateway);
  changed_.insert(key);
  counts_.dropped += found.dropped ? 1 : 0;
  if (!found.believed) {
    ++counts_.held_back;
    return hold_back(reading);
  }
  const bool again = found.change == Change::first && counter.days.day;  // after a replacement
  if (found.change != Change::none && (found.change != Change::first || again))
    reading.quality = Quality::uncertain;
  if (found.change != Change::none && found.change != Change::first) {
    ++counts_.changes;
    notes.push_back({reading.id.device, "meter-" + std::string(name_of(found.change)),
                     reading.id.point + " from " + amount(before->value, counter.unit) + " to " +
                         amount(*value, counter.unit)});
  }
  for (const DayTotal& day : on_total(counter.spec, counter.days, *counter.state.last, found.change)) {
    ++counts_.days;
    Reading frozen{
        {reading.id.device, counter.day_point}, {}, Quality::uncertain, {}, day.midnight, reading.t_gateway};
    if (day.value)
      frozen.value = *day.value;
    else
      hold_back(frozen);
    if (!day.value || day.apart > far_apart)
      notes.push_back(
          {reading.id.device, day.value ? "day-substituted" : "day-missing",
           frozen.id.point + " of " + to_rfc3339(day.midnight) +
               (day.value ? ": read " +
                                std::to_string(std::chrono::floor<std::chrono::minutes>(day.apart).count()) +
                                " min apart"
                          : ": no unbroken count over midnight")});
    days.push_back(std::move(frozen));
  }
}

// The meter froze it: its day is the meter's own clock's. Once per midnight; a total that the counter itself
// has not reached yet, or a moment that is no midnight, is marked.
bool CounterBook::see_frozen(Counter& counter, Reading& reading) {
  if (reading.quality != Quality::good || !reading.t_source) return true;
  if (counter.meter_day == reading.t_source) return false;
  const auto value = as_number(reading.value);
  const auto& last = counter.state.last;
  const bool clock_known = reading.t_gateway.clock != ClockQuality::unsynchronised;
  const auto age = reading.t_gateway.utc - *reading.t_source;
  const bool right_day = *reading.t_source == local_midnight(*reading.t_source) &&
                         (!clock_known || (age >= -std::chrono::hours(1) && age <= std::chrono::hours(25)));
  const bool reached = !value || !last || *value <= last->value + 2 * counter.spec.resolution;
  if (!right_day || !reached) {
    reading.quality = Quality::uncertain;
    return true;
  }
  counter.meter_day = reading.t_source;
  changed_.insert(to_string(frozen_.at(reading.id)));
  ++counts_.days;
  return true;
}

StateRows CounterBook::take_changed() {
  StateRows rows;
  for (const auto& key : changed_) {
    if (key.starts_with(identity_prefix)) {
      const Identity& identity = identities_[key.substr(identity_prefix.size())];
      const std::string text = identity.known + "\n" + identity.pending;
      rows.emplace_back(key, Bytes(text.begin(), text.end()));
    } else if (const auto id = parse_point_id(key)) {
      const Counter& counter = counters_.at(*id);
      rows.emplace_back(key, encode_state({counter.state, counter.days, counter.meter_day}));
    }
  }
  changed_.clear();
  return rows;
}

void CounterBook::restore(const std::string& key, const Bytes& body) {
  if (key.starts_with(identity_prefix)) {
    const std::string text(body.begin(), body.end());
    const auto line = std::min(text.find('\n'), text.size());
    identities_[key.substr(identity_prefix.size())] = {text.substr(0, line),
                                                       text.substr(std::min(line + 1, text.size()))};
    return;
  }
  const auto id = parse_point_id(key);
  const auto counter = id ? counters_.find(*id) : counters_.end();
  const auto stored = decode_state(body);
  if (counter == counters_.end() || !stored) return;
  counter->second.state = stored->counter;
  counter->second.days = stored->days;
  counter->second.meter_day = stored->meter_day;
}

}  // namespace tocsin::meter
