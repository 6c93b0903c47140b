#include "drivers/osdp/secure_channel.h"

#include <algorithm>
#include <utility>

namespace tocsin::osdp {
namespace {

SecurityType type_for(bool reply, bool empty) {
  if (reply) return empty ? SecurityType::scs_16 : SecurityType::scs_18;
  return empty ? SecurityType::scs_15 : SecurityType::scs_17;
}

bool is_of_direction(SecurityType type, bool reply) {
  return type == type_for(reply, true) || type == type_for(reply, false);
}

Mac on_wire(const Block& mac) {
  Mac part{};
  std::copy_n(mac.begin(), part.size(), part.begin());
  return part;
}

}  // namespace

// The first command is chained to the R-MAC-I that the device sent and the panel received.
SecureChannel::SecureChannel(Role role, const SessionKeys& keys, const Block& initial_rmac)
    : role_(role), keys_(keys), last_sent_(initial_rmac), last_received_(initial_rmac) {}

Result<Bytes> SecureChannel::seal(const Frame& plain) {
  if (plain.security || plain.reply != (role_ == Role::device))
    return fail(Fault::bad_input, "not a plain frame of ours");
  Frame sealed = plain;
  sealed.security = SecurityBlock{type_for(plain.reply, plain.payload.empty()), {}};
  if (!plain.payload.empty()) sealed.payload = encrypt(keys_, last_received_, plain.payload);
  const Result<Bytes> covered = build_without_mac(sealed);
  if (!covered) return covered.error();
  const Block mac = compute_mac(keys_, last_received_, *covered);
  sealed.mac = on_wire(mac);
  Result<Bytes> data = build_frame(sealed);
  if (data) last_sent_ = mac;
  return data;
}

bool SecureChannel::is_repeat(ByteView data, const Frame& frame) const {
  if (last_data_.empty()) return false;
  if (std::ranges::equal(data, last_data_)) return true;
  return role_ == Role::device && frame.sequence == last_opened_.sequence;
}

Result<SecureChannel::Opened> SecureChannel::open(ByteView data) {
  Result<Frame> parsed = parse_frame(data);
  if (!parsed) return parsed.error();
  Frame& frame = *parsed;
  const bool from_device = role_ == Role::panel;
  if (frame.reply != from_device) return fail(Fault::refused, "a frame from our own side");
  if (!frame.security || !is_of_direction(frame.security->type, from_device))
    return fail(Fault::refused, "a frame without MAC on a secure channel");
  if (is_repeat(data, frame)) return Opened{last_opened_, true};

  const Block mac = compute_mac(keys_, last_sent_, part_under_mac(data));
  if (!equal_in_constant_time(on_wire(mac), *frame.mac)) return fail(Fault::crc, "MAC");
  if (frame.security->encrypted()) {
    Result<Bytes> plain = decrypt(keys_, last_sent_, frame.payload);
    if (!plain) return plain.error();
    frame.payload = std::move(*plain);
  }
  frame.security.reset();
  frame.mac.reset();
  last_received_ = mac;
  last_data_.assign(data.begin(), data.end());
  last_opened_ = frame;
  return Opened{std::move(frame), false};
}

}  // namespace tocsin::osdp
