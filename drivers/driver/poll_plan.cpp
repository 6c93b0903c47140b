#include "drivers/driver/poll_plan.h"

#include <algorithm>

namespace tocsin::driver {

PollPlan::PollPlan(std::vector<PlannedDevice> devices, LineCost line)
    : devices_(std::move(devices)), line_(line), watches_(devices_.size()) {
  for (const PlannedDevice& device : devices_) {
    agreements_.emplace_back(*device.spec.profile);
    items_.push_back(device.driver->items());
  }
  for (PlannedRead& read : planned_reads(devices_, line_)) slots_.push_back(Slot{std::move(read)});
}

const PollPlan::Slot* PollPlan::most_urgent(MonoTime now) const {
  const Slot* best = nullptr;
  for (const Slot& slot : slots_) {
    if (slot.due > now || watches_[slot.read.device].lost()) continue;
    if (best == nullptr || deadline_of(slot) < deadline_of(*best)) best = &slot;
  }
  return best;
}

MonoTime PollPlan::next_due() const {
  MonoTime earliest = MonoTime::max();
  for (const Slot& slot : slots_)
    if (!watches_[slot.read.device].lost()) earliest = std::min(earliest, slot.due);
  return earliest;
}

// A lost device is asked for what matters most.
std::optional<std::size_t> PollPlan::probe_slot(std::size_t device) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].read.device != device) continue;
    if (!best || (slots_[i].read.timing.life_safety && !slots_[*best].read.timing.life_safety)) best = i;
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
    const Duration cost = slots_[*slot].read.failed;
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
    const Duration cost = slots_[*slot].read.failed;
    const MonoTime free = std::max(now, watch.free_probe_at());
    if (due == MonoTime::max() || free + cost <= due) earliest = std::min(earliest, free);
    if (cost <= credit_) earliest = std::min(earliest, watch.paid_probe_at());
  }
  return earliest;
}

Decision PollPlan::begin(std::size_t slot, bool probe) {
  Job job;
  job.slot = slot;
  job.span = slots_[slot].read.span;
  job.probe = probe;
  job_ = std::move(job);
  return {Decision::Kind::poll, {slots_[slot].read.device, job_->span}, {}};
}

Decision PollPlan::next(MonoTime now, bool command_waits) {
  if (!began_) began_ = now;
  if (job_) return {Decision::Kind::poll, {slots_[job_->slot].read.device, job_->span}, {}};
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
    if (slot.read.device == device) spans.push_back(slot.read.span);
  return spans;
}

std::vector<DeadlineMiss> PollPlan::misses(MonoTime now) const {
  std::vector<DeadlineMiss> found;
  for (const Slot& slot : slots_) {
    if (!slot.read.timing.life_safety || !online(slot.read.device)) continue;
    const Duration open = now - slot.last_good.value_or(began_.value_or(now));
    const Duration measured = std::max(slot.measured, open);
    const DeviceSpec& device = devices_[slot.read.device].spec;
    for (const std::size_t point : slot.read.span.points) {
      const Timing timing = timing_of(device, point);
      if (timing.life_safety && measured > timing.deadline)
        found.push_back({{device.name, device.profile->points[point].name}, measured, timing.deadline});
    }
  }
  return found;
}

}  // namespace tocsin::driver
