#include "gateway/bus/mailbox.h"

#include <algorithm>
#include <cstdio>

namespace tocsin::bus {

namespace {

constexpr Duration longest_wait = 1h;  // keeps wait_for away from overflow

std::string line_of(UtcTime time, char direction, ByteView bytes) {
  std::string text = to_rfc3339(time).substr(11, 12) + " " + direction;
  for (const std::uint8_t byte : bytes) {
    char hex[4];
    std::snprintf(hex, sizeof hex, " %02x", byte);
    text += hex;
  }
  return text;
}

}  // namespace

bool Mailbox::push(Command command) {
  {
    const std::lock_guard lock(mutex_);
    if (commands_.size() >= most_commands) return false;
    commands_.push_back(std::move(command));
  }
  changed_.notify_one();
  return true;
}

std::optional<Command> Mailbox::pop() {
  const std::lock_guard lock(mutex_);
  if (commands_.empty()) return std::nullopt;
  Command command = std::move(commands_.front());
  commands_.pop_front();
  return command;
}

bool Mailbox::has_command() const {
  const std::lock_guard lock(mutex_);
  return !commands_.empty();
}

void Mailbox::wait(Duration longest) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::min(longest, longest_wait),
                    [this] { return stopping_ || !commands_.empty(); });
}

void Mailbox::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

bool Mailbox::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Mailbox::set_health(BusHealth health) {
  const std::lock_guard lock(mutex_);
  health_ = std::move(health);
}

BusHealth Mailbox::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

void Mailbox::add_frame(UtcTime time, std::size_t device, char direction, ByteView bytes) {
  const std::lock_guard lock(mutex_);
  if (frames_.size() < most_frames) {
    frames_.push_back({time, device, direction, Bytes(bytes.begin(), bytes.end())});
    return;
  }
  Frame& oldest = frames_[newest_];
  newest_ = (newest_ + 1) % most_frames;
  oldest.time = time;
  oldest.device = device;
  oldest.direction = direction;
  oldest.bytes.assign(bytes.begin(), bytes.end());
}

std::vector<std::string> Mailbox::trace(std::optional<std::size_t> device) const {
  std::vector<Frame> frames;
  std::size_t oldest = 0;
  {
    const std::lock_guard lock(mutex_);
    frames = frames_;
    oldest = newest_;
  }
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Frame& frame = frames[(oldest + i) % frames.size()];
    if (!device || frame.device == *device)
      lines.push_back(line_of(frame.time, frame.direction, frame.bytes));
  }
  return lines;
}

}  // namespace tocsin::bus
