#include "gateway/command/journal.h"

#include "core/bytes/hex.h"

namespace tocsin::command {
namespace {

constexpr std::size_t most_ids = 1024;  // of accepted commands; older ones are refused by their counter
constexpr std::uint8_t phase_open = 1, phase_done = 2;

const std::string command_kind = "command", mark_kind = "command-key";

Bytes row_of(std::uint8_t phase, std::uint64_t number, ByteView signed_bytes) {
  Bytes body;
  bytes::Writer out(body);
  out.u8(phase);
  out.u64_le(number);
  out.raw(signed_bytes);
  return body;
}

}  // namespace

Journal::Journal(const Rows& commands, const Rows& marks) {
  for (const auto& [key, body] : commands) {
    bytes::Reader in(body);
    const std::uint8_t phase = in.u8();
    const std::uint64_t number = in.u64_le();
    const auto id = bytes::from_hex(key);
    if (!in.ok() || !id) continue;
    numbers_[*id] = number;
    by_number_[number] = *id;
    last_number_ = std::max(last_number_, number);
    if (phase == phase_open) open_[*id] = {in.rest().begin(), in.rest().end()};
  }
  for (const auto& [key, body] : marks) {
    bytes::Reader in(body);
    const std::uint64_t term = in.u64_le(), counter = in.u64_le();
    if (in.ok()) marks_[key] = {term, counter};
  }
}

bool Journal::replayed(const std::string& key, const wire::CommandOrder& order) const {
  const auto mark = marks_.find(key);
  const bool old = mark != marks_.end() && std::pair(order.term, order.counter) <= mark->second;
  return old || numbers_.contains(order.id);
}

void Journal::judged(const std::string& key, const wire::CommandOrder& order, Puts& puts) {
  marks_[key] = {order.term, order.counter};
  Bytes body;
  bytes::Writer out(body);
  out.u64_le(order.term);
  out.u64_le(order.counter);
  puts.push_back({mark_kind, key, std::move(body)});
}

void Journal::accepted(const Bytes& id, ByteView signed_bytes, Puts& puts) {
  const std::uint64_t number = ++last_number_;
  numbers_[id] = number;
  by_number_[number] = id;
  open_[id] = {signed_bytes.begin(), signed_bytes.end()};
  puts.push_back({command_kind, bytes::to_hex(id), row_of(phase_open, number, signed_bytes)});
  while (by_number_.size() > most_ids && !open_.contains(by_number_.begin()->second)) {
    const Bytes oldest = by_number_.begin()->second;
    by_number_.erase(by_number_.begin());
    numbers_.erase(oldest);
    puts.push_back({command_kind, bytes::to_hex(oldest), {}});
  }
}

void Journal::done(const Bytes& id, Puts& puts) {
  if (open_.erase(id) == 0) return;
  puts.push_back({command_kind, bytes::to_hex(id), row_of(phase_done, numbers_.at(id), {})});
}

}  // namespace tocsin::command
