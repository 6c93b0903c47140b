// The second half of PollPlan: what is made of each answer.

#include <algorithm>

#include "core/bytes/checksum.h"
#include "drivers/driver/poll_plan.h"
#include "drivers/driver/spans.h"

namespace tocsin::driver {

namespace {

constexpr int refusals_before_split =
    3;  // of a read that was answered before: motors make `illegal data value`

constexpr Duration longest_spread = 2s;  // of the first reads

const Sample* sample_of(const Samples& samples, std::size_t point) {
  const auto found = std::ranges::find(samples, point, &Sample::point);
  return found == samples.end() ? nullptr : &*found;
}

Samples bad_samples(const std::vector<std::size_t>& points, Fault fault) {
  Samples samples;
  for (const std::size_t point : points) samples.push_back(bad_sample(point, fault));
  return samples;
}

}  // namespace

Finished PollPlan::finished(MonoTime start, MonoTime end, const Result<Samples>& answer) {
  if (!job_) return {};
  if (!job_->started) job_->started = start;
  book(start, end);
  if (answer) return answered(start, end, *answer);
  if (reaction_to(answer.error().fault) == Reaction::reopen) {
    const std::size_t device = slots_[job_->slot].read.device;
    job_.reset();
    return {device, {}, {}};
  }
  if (answer.error().fault == Fault::exception) return refused(end, answer.error());
  return failed(end, answer.error());
}

// Live polls and the pauses between them earn the credit that probes spend: on a fast line the pauses are too
// short for a probe and the polls alone would take an hour to pay for one.
void PollPlan::book(MonoTime start, MonoTime end) {
  const Duration passed = end - booked_until_.value_or(start);
  booked_until_ = end;
  if (job_->probe) {
    credit_ = std::max(credit_ - (end - start), Duration{0});
    return;
  }
  Duration most{};
  for (std::size_t device = 0; device < devices_.size(); ++device)
    if (const auto slot = watches_[device].lost() ? probe_slot(device) : std::nullopt)
      most = std::max(most, slots_[*slot].read.failed);
  credit_ = std::min(credit_ + std::chrono::duration_cast<Duration>(passed * probe_share), most);
}

Finished PollPlan::answered(MonoTime start, MonoTime end, const Samples& samples) {
  const Slot& slot = slots_[job_->slot];
  Finished result{slot.read.device, {}, {}};
  const bool was_lost = watches_[slot.read.device].lost();
  if (watches_[slot.read.device].answered(end)) result.online = true;
  if (was_lost) {
    agreements_[slot.read.device].forget();
    measure_anew(slot.read.device, end);
    for (Slot& other : slots_)
      if (other.read.device == slot.read.device) other.due = end;
  }
  if (job_->probe) {
    job_.reset();
    return result;
  }
  job_->failures = 0;
  ++job_->reads;
  weigh(samples, result.publish);
  if (job_->first.empty()) {
    Slot& done = slots_[job_->slot];
    done.answered = true;
    done.refusals = 0;
    const bool agreed =
        std::ranges::none_of(result.publish, [](const Sample& s) { return s.fault == Fault::not_agreed; });
    if (agreed) {
      if (done.last_good) done.measured = end - *done.last_good;
      done.last_good = start;
    }
    complete(end);
  } else {
    std::vector<std::size_t> points;
    for (const Sample& doubtful : job_->first) points.push_back(doubtful.point);
    job_->span = cover(items_[slot.read.device], points);
  }
  return result;
}

// First read: what changed is doubtful. Second: agreed, or a third decides. Third: agrees with one of the
// two, or nobody.
void PollPlan::weigh(const Samples& samples, Samples& publish) {
  Agreement& agreement = agreements_[slots_[job_->slot].read.device];
  const auto settle = [&](const Sample& sample) {
    agreement.accept(sample);
    publish.push_back(sample);
  };
  publish.reserve(samples.size());
  if (job_->reads == 1) {
    for (const Sample& sample : samples) {
      if (agreement.needs_second(sample))
        job_->first.push_back(sample);
      else
        settle(sample);
    }
    return;
  }
  Samples undecided, second;
  for (const Sample& before : job_->first) {
    const Sample* now = sample_of(samples, before.point);
    const Sample* between = sample_of(job_->second, before.point);
    if (now == nullptr)
      publish.push_back(bad_sample(before.point, Fault::wrong_answer));
    else if (now->quality == Quality::bad || agreement.same(before, *now))
      settle(*now);
    else if (between != nullptr && agreement.same(*between, *now))
      settle(*now);
    else if (between != nullptr)
      publish.push_back(bad_sample(before.point, Fault::not_agreed));
    else {
      undecided.push_back(before);
      second.push_back(*now);
    }
  }
  job_->first = std::move(undecided);
  job_->second = std::move(second);
}

Finished PollPlan::refused(MonoTime end, const Error& error) {
  const std::size_t index = job_->slot;
  const std::size_t device = slots_[index].read.device;
  Finished result{device, {}, {}};
  if (watches_[device].answered(end)) result.online = true;
  if (job_->probe) {
    job_.reset();
    return result;
  }
  Slot& slot = slots_[index];
  if (job_->reads > 0 && job_->span != slot.read.span) {  // some devices give the whole block or nothing
    job_->span = slot.read.span;
    return result;
  }
  ++slot.refusals;

  const bool enough = !slot.answered || slot.refusals >= refusals_before_split;
  if (enough && devices_[device].driver->splitting_helps(error.code) && split(index, end)) return result;
  result.publish = bad_samples(slot.read.span.points, error.fault);
  complete(end);
  return result;
}

bool PollPlan::split(std::size_t index, MonoTime now) {
  const std::size_t device = slots_[index].read.device;
  const auto halves = split_span(slots_[index].read.span, items_[device]);
  if (!halves) return false;

  for (const bool first : {true, false}) {
    Slot half{planned_read(devices_, device, first ? halves->first : halves->second, line_)};
    half.due = now;
    if (first)
      slots_[index] = std::move(half);
    else
      slots_.push_back(std::move(half));
  }

  job_.reset();
  return true;
}

Finished PollPlan::failed(MonoTime end, const Error& error) {
  Slot& slot = slots_[job_->slot];
  DeviceWatch& watch = watches_[slot.read.device];
  Finished result{slot.read.device, {}, {}};
  if (watch.failed(end)) {
    result.online = false;
    result.publish = all_bad(slot.read.device, error.fault);
    job_.reset();
    return result;
  }
  if (job_->probe) {
    result.publish = all_bad(slot.read.device, error.fault);
    job_.reset();
    return result;
  }
  ++job_->failures;
  const int retries = devices_[slot.read.device].spec.profile->limits.retries;
  const bool again = slot.read.timing.life_safety || (job_->failures <= retries && end <= deadline_of(slot));
  if (again && !watch.unknown()) return result;
  result.publish = bad_samples(slot.read.span.points, error.fault);
  complete(end);
  return result;
}

// The next read is due one period after this one was: a moment's delay each time must not lose a period in
// the end, and a late read does not pull the following ones along.
void PollPlan::complete(MonoTime end) {
  Slot& slot = slots_[job_->slot];
  slot.due = std::max(slot.due + slot.read.timing.period, end);
  job_.reset();
}

Samples PollPlan::all_bad(std::size_t device, Fault fault) const {
  Samples samples;
  for (const PollItem& item : items_[device]) samples.push_back(bad_sample(item.point, fault));
  return samples;
}

// A hundred lines start in the same instant: each begins at another part of its period, and so does each read
// on it, or all of them would ask together for ever. No period becomes longer, so every bound still holds;
// nor does a meter that is read once an hour wait for its first reading.
void PollPlan::spread(MonoTime now) {
  const std::string& name = devices_.front().spec.name;
  const ByteView text(reinterpret_cast<const std::uint8_t*>(name.data()), name.size());
  double part = static_cast<double>(bytes::crc32c(text)) / 4294967296.0;
  for (Slot& slot : slots_) {
    slot.due =
        now + std::chrono::duration_cast<Duration>(std::min(slot.read.timing.period, longest_spread) * part);
    part += 1.0 / static_cast<double>(slots_.size());
    if (part >= 1.0) part -= 1.0;
  }
}

// The time in which a device or the whole line was away was told of as that.
void PollPlan::measure_anew(std::size_t device, MonoTime from) {
  for (Slot& slot : slots_) {
    if (slot.read.device != device) continue;
    slot.measured = {};
    slot.last_good = from;
  }
}

void PollPlan::restart(MonoTime now) {
  job_.reset();
  for (Agreement& agreement : agreements_) agreement.forget();
  for (std::size_t device = 0; device < devices_.size(); ++device) measure_anew(device, now);
  for (Slot& slot : slots_) slot.due = now;
  if (!began_ && !devices_.empty()) spread(now);
}

}  // namespace tocsin::driver
