#include "gateway/flow/standing.h"

#include <algorithm>

namespace tocsin::flow {

using linkage::Owner;

namespace {

const std::string manual_prefix = "manual/", command_prefix = "command/";
constexpr std::uint8_t row_off = 1, row_on = 2;

const linkage::Effect* find(const linkage::Matrix& matrix, const std::string& name) {
  const auto found = std::find_if(matrix.effects.begin(), matrix.effects.end(),
                                  [&](const linkage::Effect& effect) { return effect.name == name; });
  return found == matrix.effects.end() ? nullptr : &*found;
}

}  // namespace

Standing::Standing(const linkage::Matrix& matrix, const Rows& linkage_rows, const Rows& desired_rows,
                   const Stamp& now)
    : matrix_(matrix) {
  for (const auto& [key, body] : linkage_rows) {
    if (body.empty()) continue;
    if (key.starts_with(manual_prefix)) manual_[key.substr(manual_prefix.size())] = body.front() == row_on;
    if (key.starts_with(command_prefix))
      commanded_[key.substr(command_prefix.size())] = body.front() == row_on;
  }
  for (const auto& [key, body] : desired_rows) restore_desired(body, now);
}

void Standing::hold(Owner owner, const std::string& effect, std::optional<bool> level, Puts& puts) {
  auto& levels = owner == Owner::manual ? manual_ : commanded_;
  if (level)
    levels[effect] = *level;
  else
    levels.erase(effect);
  const std::string& prefix = owner == Owner::manual ? manual_prefix : command_prefix;
  puts.push_back({"linkage", prefix + effect, level ? Bytes{*level ? row_on : row_off} : Bytes{}});
}

linkage::Cell Standing::ask_pulse(const std::string& effect, Duration width) {
  const linkage::Cell cell{++last_pulse_, effect};
  pulses_[effect] = {false, Owner::command, cell, width};
  return cell;
}

void Standing::taken(const linkage::Cell& cell) {
  std::erase_if(pulses_, [&](const auto& one) { return one.second.pulse == cell; });
}

void Standing::desire(const wire::DesiredOutputs& desired, ByteView signed_bytes, MonoTime until,
                      const Stamp& now, Puts& puts) {
  desired_ = desired;
  desired_bytes_.assign(signed_bytes.begin(), signed_bytes.end());
  until_ = until;
  expired_ = false;
  take_words();
  puts.push_back(desired_row(now.boot));
}

void Standing::take_words() {
  desired_levels_.clear();
  for (const auto& [name, word] : desired_.outputs)
    if (const auto* effect = find(matrix_, name); effect != nullptr)
      desired_levels_[name] =
          expired_ && desired_.on_expiry == wire::OnExpiry::safe ? effect->safe : word == effect->word_on;
}

bool Standing::on_tick(const Stamp& now, Puts& puts) {
  if (desired_.version == 0 || expired_ || now.mono < until_) return false;
  expired_ = true;
  take_words();
  puts.push_back(desired_row(now.boot));
  return true;
}

outbox::StatePut Standing::desired_row(std::uint64_t boot) const {
  Bytes body;
  bytes::Writer out(body);
  out.u64_le(boot);
  out.u64_le(static_cast<std::uint64_t>(until_.time_since_epoch().count()));
  out.u8(expired_ ? 1 : 0);
  out.raw(desired_bytes_);
  return {"desired", "standing", std::move(body)};
}

// In the same boot the monotonic end counts. After another one the wall clock is all there is.
void Standing::restore_desired(const Bytes& body, const Stamp& now) {
  bytes::Reader in(body);
  const bool same_boot = in.u64_le() == now.boot;
  const MonoTime until{Duration{static_cast<std::int64_t>(in.u64_le())}};
  const bool expired = in.u8() != 0;
  if (!in.ok()) return;
  const auto envelope = wire::decode_signed(in.rest());
  const auto desired =
      envelope ? wire::decode_desired(envelope->payload) : Result<wire::DesiredOutputs>(envelope.error());
  if (!desired) return;
  desired_ = *desired;
  desired_bytes_.assign(in.rest().begin(), in.rest().end());
  until_ = same_boot ? until : now.mono + (desired_.not_after - now.utc);
  expired_ = expired;
  take_words();
}

std::map<std::string, linkage::Override> Standing::overrides() const {
  std::map<std::string, linkage::Override> all;
  for (const auto& [effect, level] : desired_levels_) all[effect] = {level, Owner::desired};
  for (const auto& [effect, level] : commanded_) all[effect] = {level, Owner::command};
  for (const auto& [effect, pulse] : pulses_) all[effect] = pulse;
  for (const auto& [effect, level] : manual_) all[effect] = {level, Owner::manual};
  return all;
}

std::optional<MonoTime> Standing::next_due() const {
  if (desired_.version == 0 || expired_) return std::nullopt;
  return until_;
}

}  // namespace tocsin::flow
