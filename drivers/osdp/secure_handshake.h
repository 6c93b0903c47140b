#pragma once
// The four messages that open an OSDP secure channel: CHLNG, CCRYPT, SCRYPT, RMAC_I (SCS_11 to SCS_14). Pure:
// the random numbers are arguments, fresh for every handshake, and each function gives the same answer to the
// same message, so a retransmission needs no special case. The caller sets `address` and `sequence` of the
// panel's frames; the device answers with those of the command.

#include <array>
#include <optional>

#include "drivers/osdp/secure_channel.h"

namespace tocsin::osdp {

// The key both ends share. The default key (SCBK-D) is for installation only; `is_default` travels in the
// security block.
struct BaseKey {
  Block value = default_base_key;
  bool is_default = true;
};

// Both sides fail with refused (wrong key, wrong cryptogram, the other kind of key), wrong_answer (another
// code or security block) or framing (payload of wrong size).
class PanelHandshake {
 public:
  PanelHandshake(const BaseKey& key, const Random& rnd_a);

  Frame challenge() const;                      // CHLNG
  Result<Frame> on_ccrypt(const Frame& reply);  // checks the device's cryptogram; gives SCRYPT
  Result<SecureChannel> on_rmac_i(const Frame& reply) const;

 private:
  BaseKey key_;
  Random rnd_a_;
  SessionKeys keys_;
  std::optional<Block> rmac_;  // what RMAC_I must carry; set by a good CCRYPT
};

class DeviceHandshake {
 public:
  // `cuid` identifies the device: vendor OUI, model, version, serial as in PDID.
  DeviceHandshake(const BaseKey& key, const std::array<std::uint8_t, 8>& cuid, const Random& rnd_b);

  Result<Frame> on_challenge(const Frame& command);  // gives CCRYPT
  Result<Frame> on_scrypt(const Frame& command);     // checks the panel's cryptogram; gives RMAC_I
  const std::optional<SecureChannel>& channel() const { return channel_; }  // set by a good SCRYPT

 private:
  BaseKey key_;
  std::array<std::uint8_t, 8> cuid_;
  Random rnd_b_;
  std::optional<Random> rnd_a_;  // from the last CHLNG
  SessionKeys keys_{};
  std::optional<SecureChannel> channel_;
};

}  // namespace tocsin::osdp
