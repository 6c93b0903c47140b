#include "drivers/driver/poll_plan.h"

#include <algorithm>

#include "drivers/driver/spans.h"

namespace tocsin::driver {

namespace {

Timing span_timing(const PlannedDevice& device, const Span& span) {
  Timing shortest{Duration::max(), Duration::max(), false};
  for (const std::size_t point : span.points) {
    const Timing timing = timing_of(device.spec, point);
    shortest.period = std::min(shortest.period, timing.period);
    if (timing.life_safety) shortest.deadline = std::min(shortest.deadline, timing.deadline);
    shortest.life_safety = shortest.life_safety || timing.life_safety;
  }
  return shortest;
}

}  // namespace

Timing timing_of(const DeviceSpec& device, std::size_t point) {
  const PointSpec& spec = device.profile->points.at(point);
  Timing timing{spec.period, spec.deadline, spec.life_safety};
  if (const auto own = device.periods.find(spec.name); own != device.periods.end())
    timing.period = own->second;
  if (const auto own = device.deadlines.find(spec.name); own != device.deadlines.end())
    timing.deadline = own->second;
  timing.period = std::max(timing.period, Duration{1ms});
  return timing;
}

std::vector<Span> spans_of(const PlannedDevice& device, const LineCost& line) {
  std::vector<SpanItem> items;
  for (const PollItem& item : device.driver->items())
    items.push_back({item, timing_of(device.spec, item.point).period});
  const Limits& limits = device.spec.profile->limits;
  return merge_spans(
      std::move(items),
      {[&](int space) { return device.driver->longest_span(space); }, limits.gaps,
       [&](const Span& span) { return line.answered(device.driver->read_sizes(span), limits); }});
}

PollPlan::PollPlan(std::vector<PlannedDevice> devices, LineCost line)
    : devices_(std::move(devices)), line_(line), watches_(devices_.size()) {
  for (std::size_t device = 0; device < devices_.size(); ++device) {
    agreements_.emplace_back(*devices_[device].spec.profile);
    items_.push_back(devices_[device].driver->items());
    for (Span& span : spans_of(devices_[device], line_))
      slots_.push_back(make_slot(device, std::move(span), {}));
  }
}

// Detection takes a period, the wait and two reads; what the deadline leaves of that is the longest wait.
PollPlan::Slot PollPlan::make_slot(std::size_t device, Span span, MonoTime due) const {
  Slot slot;
  slot.device = device;
  slot.span = std::move(span);
  slot.timing = span_timing(devices_[device], slot.span);
  slot.due = due;
  slot.urgency = slot.timing.period;
  if (slot.timing.life_safety) {
    const Duration spare = slot.timing.deadline - slot.timing.period - 2 * read_cost(slot);
    slot.urgency = std::clamp(spare, Duration{0}, slot.timing.period);
  }
  return slot;
}

Duration PollPlan::read_cost(const Slot& slot) const {
  const PlannedDevice& device = devices_[slot.device];
  return line_.answered(device.driver->read_sizes(slot.span), device.spec.profile->limits);
}

Duration PollPlan::probe_cost(const Slot& slot) const {
  const PlannedDevice& device = devices_[slot.device];
  return line_.failed(device.driver->read_sizes(slot.span), device.spec.profile->limits);
}

const PollPlan::Slot* PollPlan::most_urgent(MonoTime now) const {
  const Slot* best = nullptr;
  for (const Slot& slot : slots_) {
    if (slot.due > now || watches_[slot.device].lost()) continue;
    if (best == nullptr || deadline_of(slot) < deadline_of(*best)) best = &slot;
  }
  return best;
}

MonoTime PollPlan::next_due() const {
  MonoTime earliest = MonoTime::max();
  for (const Slot& slot : slots_)
    if (!watches_[slot.device].lost()) earliest = std::min(earliest, slot.due);
  return earliest;
}

// A lost device is asked for what matters most.
std::optional<std::size_t> PollPlan::probe_slot(std::size_t device) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].device != device) continue;
    if (!best || (slots_[i].timing.life_safety && !slots_[*best].timing.life_safety)) best = i;
  }
  return best;
}

std::optional<std::size_t> PollPlan::choose_probe(MonoTime now) const {
  const Duration free = next_due() == MonoTime::max() ? Duration::max() : next_due() - now;
  std::optional<std::size_t> best;
  MonoTime waiting_since = MonoTime::max();
  for (std::size_t device = 0; device < devices_.size(); ++device) {
    const DeviceWatch& watch = watches_[device];
    const auto slot = watch.lost() ? probe_slot(device) : std::nullopt;
    if (!slot) continue;
    const Duration cost = probe_cost(slots_[*slot]);
    const bool in_free_time = watch.free_probe_at() <= now && cost <= free;
    const bool paid_for = watch.paid_probe_at() <= now && cost <= credit_;
    if ((in_free_time || paid_for) && watch.free_probe_at() < waiting_since) {
      best = slot;
      waiting_since = watch.free_probe_at();
    }
  }
  return best;
}

// When a probe could become possible without anything else happening.
MonoTime PollPlan::next_probe(MonoTime now) const {
  const MonoTime due = next_due();
  MonoTime earliest = MonoTime::max();
  for (std::size_t device = 0; device < devices_.size(); ++device) {
    const DeviceWatch& watch = watches_[device];
    const auto slot = watch.lost() ? probe_slot(device) : std::nullopt;
    if (!slot) continue;
    const Duration cost = probe_cost(slots_[*slot]);
    const MonoTime free = std::max(now, watch.free_probe_at());
    if (due == MonoTime::max() || free + cost <= due) earliest = std::min(earliest, free);
    if (cost <= credit_) earliest = std::min(earliest, watch.paid_probe_at());
  }
  return earliest;
}

Decision PollPlan::begin(std::size_t slot, bool probe) {
  job_.emplace();
  job_->slot = slot;
  job_->span = slots_[slot].span;
  job_->probe = probe;
  return {Decision::Kind::poll, {slots_[slot].device, job_->span}, {}};
}

Decision PollPlan::next(MonoTime now, bool command_waits) {
  if (!began_) began_ = now;
  if (job_) return {Decision::Kind::poll, {slots_[job_->slot].device, job_->span}, {}};
  const Slot* due = most_urgent(now);
  if (command_waits && (due == nullptr || commands_ < commands_in_a_row)) {
    ++commands_;
    return {Decision::Kind::command, {}, {}};
  }
  if (const auto probe = choose_probe(now)) return begin(*probe, true);
  commands_ = 0;
  if (due != nullptr) return begin(static_cast<std::size_t>(due - slots_.data()), false);
  return {Decision::Kind::wait, {}, std::min(next_due(), next_probe(now))};
}

std::vector<Span> PollPlan::spans(std::size_t device) const {
  std::vector<Span> spans;
  for (const Slot& slot : slots_)
    if (slot.device == device) spans.push_back(slot.span);
  return spans;
}

std::vector<DeadlineMiss> PollPlan::misses(MonoTime now) const {
  std::vector<DeadlineMiss> found;
  for (const Slot& slot : slots_) {
    if (!slot.timing.life_safety) continue;
    const Duration open = now - slot.last_good.value_or(began_.value_or(now));
    const Duration measured = std::max(slot.measured, open);
    const DeviceSpec& device = devices_[slot.device].spec;
    for (const std::size_t point : slot.span.points) {
      const Timing timing = timing_of(device, point);
      if (timing.life_safety && measured > timing.deadline)
        found.push_back({device.name + "/" + device.profile->points[point].name, measured, timing.deadline});
    }
  }
  return found;
}

}  // namespace tocsin::driver
