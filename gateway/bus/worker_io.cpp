// The second half of Worker: conversations and what is told of them.

#include <algorithm>

#include "gateway/bus/worker.h"

namespace tocsin::bus {

namespace {

constexpr Duration health_interval = 500ms;

bool is_readable(const driver::PlannedDevice& device, std::size_t point) {
  return std::ranges::any_of(device.driver->items(), [&](const auto& item) { return item.point == point; });
}

driver::Samples bad_samples(const driver::Span& span, Fault fault) {
  driver::Samples samples;
  for (const std::size_t point : span.points) samples.push_back(driver::bad_sample(point, fault));
  return samples;
}

std::string text_of(const driver::DeadlineMiss& miss) {
  return "detection took " + to_string(miss.measured) + ", its deadline is " + to_string(miss.deadline);
}

}  // namespace

io::PumpResult Worker::converse(std::size_t device, driver::Exchange& exchange) {
  const driver::Profile& profile = *devices_[device].spec.profile;
  const driver::Limits& limits = profile.limits;
  const driver::FrameProtocol& frames =
      io::find_protocol(profile.protocol)->frames();  // make_device found it
  talking_to_ = device;
  io::PumpResult result =
      io::pump(*transport_, frames, exchange,
               {limits.response_timeout, cost_.answer_of(limits), pause_of(device)}, trace_);
  health_.answer(device, result);
  const bool valid = result.samples || result.samples.error().fault == Fault::exception;
  if (valid) {
    answered_ = true;
    reopen_pause_ = {};
  }
  return result;
}

void Worker::poll(const driver::Poll& poll, MonoTime start) {
  if (failed_device_ == poll.device) health_.retry(poll.device);
  const auto exchange = devices_[poll.device].driver->read(poll.span);
  const io::PumpResult result = converse(poll.device, *exchange);
  const Stamp stamp = now_();
  latest_ = stamp.mono;
  failed_device_ = result.samples ? std::nullopt : std::optional{poll.device};

  const driver::Finished finished = plan_.finished(start, stamp.mono, result.samples);
  health_.online(poll.device, plan_.online(poll.device));
  const Error why = result.samples ? Error{} : result.samples.error();
  if (finished.online) events_.device(devices_[poll.device].spec.name, *finished.online, why);
  if (!finished.publish.empty()) events_.readings(readings(poll.device, finished.publish, stamp));
  if (!transport_->is_open()) after_close(why);
  pause_after(poll.device);
}

void Worker::carry_out(Command command) {
  std::visit([this](const auto& wanted) { carry_out(wanted); }, command);
}

// A level is written again after a failure, like a read; what cannot be read back may be a pulse and is not.
void Worker::carry_out(const WriteCommand& command) {
  const driver::PlannedDevice& device = devices_[command.device];
  const int tries = is_readable(device, command.point) ? 1 + device.spec.profile->limits.retries : 1;
  Status status = line_error_;
  for (int i = 0; i < tries && transport_->is_open(); ++i) {
    auto exchange = device.driver->write(command.point, command.value);
    if (!exchange) {
      status = exchange.error();
      break;
    }
    const io::PumpResult result = converse(command.device, **exchange);
    const Stamp stamp = now_();
    pause_after(command.device);
    if (result.samples) {
      status = Status{};
      if (!result.samples->empty()) events_.readings(readings(command.device, *result.samples, stamp));
      break;
    }
    status = result.samples.error();
    if (!transport_->is_open()) after_close(status.error());
    if (reaction_to(status.error().fault) == Reaction::report) break;
  }
  command.done(status);
}

void Worker::carry_out(const ReadCommand& command) {
  if (!transport_->is_open()) return command.done(line_error_);
  std::vector<Reading> all;
  std::optional<Fault> silent;  // a device that does not answer is not asked for the rest
  for (const driver::Span& span : plan_.spans(command.device)) {
    driver::Samples samples;
    if (!silent) {
      const auto exchange = devices_[command.device].driver->read(span);
      io::PumpResult result = converse(command.device, *exchange);
      pause_after(command.device);
      if (!result.samples) {
        const Fault fault = result.samples.error().fault;
        if (fault != Fault::exception) silent = fault;
        samples = bad_samples(span, fault);
        if (!transport_->is_open()) after_close(result.samples.error());
      } else {
        samples = std::move(*result.samples);
      }
    } else {
      samples = bad_samples(span, *silent);
    }
    for (Reading& reading : readings(command.device, samples, now_())) all.push_back(std::move(reading));
  }
  command.done(std::move(all));
}

std::vector<Reading> Worker::readings(std::size_t device, const driver::Samples& samples,
                                      const Stamp& stamp) const {
  const driver::DeviceSpec& spec = devices_[device].spec;
  std::vector<Reading> readings;
  readings.reserve(samples.size());
  for (const driver::Sample& sample : samples) {
    Reading& reading = readings.emplace_back();
    reading.id = {spec.name, spec.profile->points[sample.point].name};
    reading.value = sample.value;
    reading.quality = sample.quality;
    reading.fault = sample.fault;
    reading.t_source = sample.t_source;
    reading.t_gateway = stamp;
  }
  return readings;
}

void Worker::publish_all_bad(Fault fault) {
  const Stamp stamp = now_();
  for (std::size_t device = 0; device < devices_.size(); ++device) {
    driver::Samples samples;
    for (const driver::PollItem& item : devices_[device].driver->items())
      samples.push_back(driver::bad_sample(item.point, fault));
    events_.readings(readings(device, samples, stamp));
  }
}

// What a device needs before the next request on its line; a connection needs nothing.
Duration Worker::pause_of(std::size_t device) const {
  return cost_.serial ? std::max(devices_[device].spec.profile->limits.turnaround, cost_.silence)
                      : Duration{};
}

void Worker::pause_after(std::size_t device) {
  std::this_thread::sleep_for(pause_of(device));
}

void Worker::update_health(bool at_once, MonoTime now) {
  if (!at_once && now - health_told_ < health_interval) return;
  health_told_ = now;
  const std::vector<driver::DeadlineMiss> misses = plan_.misses(now);
  tell_misses(misses);
  std::vector<std::string> lines;
  for (const driver::DeadlineMiss& miss : misses)
    lines.push_back(to_string(miss.point) + ": " + text_of(miss));
  mailbox_.set_health(health_.snapshot(std::move(lines)));
}

void Worker::tell_misses(const std::vector<driver::DeadlineMiss>& misses) {
  std::set<PointId> late;
  for (const driver::DeadlineMiss& miss : misses) {
    late.insert(miss.point);
    if (!late_points_.contains(miss.point)) events_.detection(miss.point, text_of(miss));
  }
  for (const PointId& point : late_points_)
    if (!late.contains(point)) events_.detection(point, std::nullopt);
  late_points_ = std::move(late);
}

}  // namespace tocsin::bus
