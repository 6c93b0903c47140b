#include "core/alarm/machine.h"

#include <stdexcept>

#include "core/alarm/machine_impl.h"

namespace tocsin::alarm {

std::string to_text(const Key& key) {
  return key.device + "/" + key.point + "/" + key.rule;
}

std::optional<Key> key_from(const std::string& text) {
  const auto rule = text.rfind('/');
  if (rule == std::string::npos || rule == 0) return std::nullopt;
  const auto point = text.rfind('/', rule - 1);
  if (point == std::string::npos) return std::nullopt;
  return Key{text.substr(0, point), text.substr(point + 1, rule - point - 1), text.substr(rule + 1)};
}

Machine::Impl::Impl(std::vector<BoundRule> bound_rules) : rules(std::move(bound_rules)) {
  for (const BoundRule& rule : rules) {
    const Key key{rule.point.device, rule.point.point, rule.rule.name};
    const auto [place, is_new] = entries.try_emplace(key);
    if (!is_new) throw std::invalid_argument("two rules have the key " + to_text(key));
    Entry& entry = place->second;
    entry.subject = {
        key, rule.rule.cls, rule.zone, rule.rule.latching, rule.rule.latch_from, rule.rule.off_delay};
    entry.watch.emplace(rule);
    by_point[rule.point].push_back(&entry);
    zone_of_device.try_emplace(rule.point.device, rule.zone);
    if (!rule.zone.empty()) zones.insert(rule.zone);
  }
}

Stamp Machine::Impl::enter(const Stamp& now) {
  Stamp at = now;
  if (started && at.mono < last.mono) at.mono = last.mono;
  last = at;
  if (!started) {
    started = true;
    for (auto& [key, entry] : entries) {
      if (!entry.watch) continue;
      entry.watch->arm(at.mono);
      schedule(entry);
    }
  }
  return at;
}

void Machine::Impl::step(Entry& entry, const Stamp& now, std::vector<Transition>& out) {
  const Signal signal = entry.signal();
  if (entry.life.record() || signal.active) {
    const auto said = entry.life.step(entry.subject, signal, now, marks_of(entry));
    if (said) {
      out.push_back(*said);
      touch(entry);
      open.follow(entry);
      end_tests_for(*said, now, out);
    }
  }
  schedule(entry);
}

void Machine::Impl::schedule(Entry& entry) {
  const auto due = entry.due();
  // A timer that moved back stays where it is and is looked at early: supervision moves with every reading.
  if (due && entry.scheduled && *entry.scheduled <= *due) return;
  if (due == entry.scheduled) return;
  if (entry.scheduled) timers.erase({*entry.scheduled, &entry});
  entry.scheduled = due;
  if (due) timers.insert({*due, &entry});
}

std::vector<Entry*> Machine::Impl::take_due(MonoTime now) {
  Timers due;
  while (!timers.empty() && timers.begin()->first <= now) {
    Entry& entry = *timers.begin()->second;
    timers.erase(timers.begin());
    entry.scheduled.reset();
    const auto time = entry.due();
    if (time && *time <= now) {
      due.insert({*time, &entry});
    } else {
      schedule(entry);
    }
  }
  std::vector<Entry*> in_order;
  for (const auto& [time, entry] : due) in_order.push_back(entry);
  return in_order;
}

void Machine::Impl::touch(Entry& entry) {
  if (entry.dirty) return;
  entry.dirty = true;
  to_save.push_back(&entry);
}

void Machine::Impl::expire(Entry& entry, const Stamp& now, std::vector<Transition>& out) {
  entry.until.reset();
  if (entry.is_suspension()) {
    end(entry, now, "ended by itself", out);
    refresh_marks(now, "ended by itself", out);
    return;
  }
  entry.declared = {};
  entry.declared.reason = "no longer configured";
  touch(entry);
}

Machine::Machine(std::vector<BoundRule> rules) : impl_(std::make_unique<Impl>(std::move(rules))) {}
Machine::~Machine() = default;
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;

std::vector<Transition> Machine::on_reading(const Reading& reading, bool inferred) {
  std::vector<Transition> out;
  const Stamp at = impl_->enter(reading.t_gateway);
  const auto place = impl_->by_point.find(reading.id);
  if (place == impl_->by_point.end()) return out;
  const bool usable = is_usable(reading);
  for (Entry* entry : place->second) {
    const bool save = usable ? entry->watch->on_sample(reading, inferred, at.mono)
                             : entry->watch->on_unusable(reading, at.mono);
    if (save) impl_->touch(*entry);
    if (usable || save) impl_->step(*entry, at, out);
  }
  return out;
}

std::vector<Transition> Machine::on_declared(const Declared& condition, const Stamp& now) {
  std::vector<Transition> out;
  const Stamp at = impl_->enter(now);
  Entry& entry = impl_->entries[condition.key];
  if (entry.watch || entry.is_suspension()) return out;  // not to be declared: its own rule decides
  entry.origin = Origin::declared;
  entry.subject = {condition.key, condition.cls, condition.zone, condition.latching, Stage::none, {}};
  entry.declared.active = condition.active;
  entry.declared.stage = condition.stage;
  entry.declared.cause = condition.cause;
  entry.declared.reason = condition.reason;
  entry.until.reset();
  impl_->step(entry, at, out);
  return out;
}

std::vector<Transition> Machine::on_tick(const Stamp& now) {
  std::vector<Transition> out;
  const Stamp at = impl_->enter(now);
  if (impl_->reconcile_at) {
    impl_->reconcile_at.reset();
    impl_->refresh_marks(at, "restart", out);
  }
  for (Entry* entry : impl_->take_due(at.mono)) {
    if (entry->until && *entry->until <= at.mono) impl_->expire(*entry, at, out);
    if (entry->watch && entry->watch->on_time(at.mono)) impl_->touch(*entry);
    impl_->step(*entry, at, out);
  }
  return out;
}

void Machine::bind(const Key& key, const std::string& alarm_id) {
  const auto place = impl_->entries.find(key);
  if (place == impl_->entries.end()) return;
  place->second.life.bind(alarm_id);
  impl_->open.follow(place->second);
  impl_->touch(place->second);
}

Result<std::vector<Transition>> Machine::reset(const Key& key, const Stamp& now, const std::string& who) {
  const Stamp at = impl_->enter(now);
  const auto place = impl_->entries.find(key);
  if (place == impl_->entries.end()) return fail(Fault::not_found, "no alarm " + to_text(key));
  Entry& entry = place->second;
  const auto& record = entry.life.record();
  if (record && record->bits.latched && entry.is_cause_present())
    return fail(Fault::refused, "the cause of " + to_text(key) + " is present");
  const auto closed = entry.life.reset(at, who);
  if (!closed) return closed.error();
  impl_->touch(entry);
  impl_->open.follow(entry);
  impl_->schedule(entry);
  return std::vector{*closed};
}

std::optional<MonoTime> Machine::next_due() const {
  std::optional<MonoTime> next = impl_->reconcile_at;
  if (!impl_->timers.empty() && (!next || impl_->timers.begin()->first < *next))
    next = impl_->timers.begin()->first;
  return next;
}

std::vector<Record> Machine::open() const {
  std::vector<Record> records;
  records.reserve(impl_->open.size());
  for (const Record* record : impl_->open.all()) records.push_back(*record);
  return records;
}

std::vector<const Record*> Machine::open_in_zone(const std::string& zone) const {
  return impl_->open.in_zone(zone);
}

std::vector<const Record*> Machine::open_of_device(const std::string& device) const {
  return impl_->open.of_device(device);
}

std::size_t Machine::open_count() const {
  return impl_->open.size();
}

const Record* Machine::find(const Key& key) const {
  const auto place = impl_->entries.find(key);
  if (place == impl_->entries.end() || !place->second.life.record()) return nullptr;
  return &*place->second.life.record();
}

const Record* Machine::find_id(const std::string& alarm_id) const {
  return impl_->open.find_id(alarm_id);
}

}  // namespace tocsin::alarm
