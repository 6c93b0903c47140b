#include "gateway/bus/worker.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>

namespace tocsin::bus {

namespace {

constexpr Duration first_pause = 500ms;  // between attempts to open the line
constexpr Duration longest_pause = 10s;

std::vector<driver::PlannedDevice> make_devices(const BusSpec& spec) {
  std::vector<driver::PlannedDevice> devices;

  for (const driver::DeviceSpec& device : spec.devices) {
    if (!carries(spec.kind, device.profile->protocol))
      throw std::invalid_argument("bus " + spec.name + ": " + device.name + " speaks " +
                                  device.profile->protocol);
    auto made = io::make_device(device);
    if (!made) throw std::invalid_argument("bus " + spec.name + ": " + to_string(made.error()));
    devices.push_back(std::move(*made));
  }
  return devices;
}

std::unique_ptr<driver::Transport> make_transport(const BusSpec& spec) {
  auto transport = io::make_transport(line_of(spec));
  if (!transport) throw std::invalid_argument("bus " + spec.name + ": " + to_string(transport.error()));
  return std::move(*transport);
}

// Signals are the main thread's business.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

io::LineSpec line_of(const BusSpec& spec) {
  io::LineSpec line;
  line.protocol = protocol_of(spec.kind);
  line.tcp = spec.kind == Kind::modbus_tcp || (spec.kind != Kind::modbus_rtu && !spec.port.starts_with('/'));
  line.serial = {spec.port, spec.baud, spec.parity, spec.stop_bits};
  line.endpoint = spec.port;
  line.answer = spec.answer;
  return line;
}

Worker::Worker(const BusSpec& spec, StampNow now, BusEvents events, Mailbox& mailbox)
    : now_(std::move(now)),
      events_(std::move(events)),
      mailbox_(mailbox),
      devices_(make_devices(spec)),
      cost_(io::cost_of(line_of(spec))),
      plan_(devices_, cost_),
      health_(spec.name, devices_),
      transport_(make_transport(spec)),

      trace_([this](char direction, ByteView bytes) {
        mailbox_.add_frame(now_().utc, talking_to_, direction, bytes);
      }) {
  update_health(true, now_().mono);
}

Worker::~Worker() {
  if (thread_.joinable()) thread_.join();
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::run() {
  block_signals();
  while (!mailbox_.stopping()) {
    if (transport_->is_open() || open_line()) step();
    update_health(false, latest_);
  }
  transport_->close();
}

// One attempt, after its pause. Commands that come meanwhile are refused, not kept.
bool Worker::open_line() {
  const MonoTime until = now_().mono + reopen_pause_;
  for (MonoTime now = now_().mono; now < until && !mailbox_.stopping(); now = now_().mono) {
    mailbox_.wait(until - now);
    while (auto command = mailbox_.pop()) carry_out(std::move(*command));
  }
  if (mailbox_.stopping()) return false;
  reopen_pause_ = std::clamp(reopen_pause_ * 2, first_pause, longest_pause);
  if (const Status opened = transport_->open(); !opened) {
    lose_line(opened.error());
    return false;
  }
  answered_ = false;
  if (told_open_ == true) return true;
  told_open_ = true;
  health_.line(true, {});
  events_.line(true, {});
  plan_.restart(now_().mono);
  return true;
}

// Many devices close an idle connection: it is opened again at once and nobody is told. When that did not
// bring an answer, the line is lost.
void Worker::after_close(const Error& why) {
  if (!answered_) lose_line(why);
}

void Worker::lose_line(const Error& why) {
  line_error_ = why;
  health_.line(false, to_string(why));
  if (told_open_ != false) events_.line(false, why);
  told_open_ = false;
  publish_all_bad(why.fault);
  update_health(true, now_().mono);
}

void Worker::step() {
  const MonoTime now = now_().mono;
  latest_ = now;
  const driver::Decision decision = plan_.next(now, mailbox_.has_command());
  switch (decision.kind) {
    case driver::Decision::Kind::poll: poll(decision.poll, now); break;
    case driver::Decision::Kind::command:
      if (auto command = mailbox_.pop()) carry_out(std::move(*command));
      break;
    case driver::Decision::Kind::wait:
      mailbox_.wait(decision.until - now);
      latest_ = now_().mono;
      break;
  }
}

}  // namespace tocsin::bus
