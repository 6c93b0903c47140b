#pragma once
// Who wants which output where, apart from the matrix: a person on site, a command, the cloud's desired
// outputs. Pure; part of Building. The rows to be stored are handed out.
//
//   state "linkage"  key "manual/EFFECT", "command/EFFECT"  body: u8 (1 off, 2 on)
//   state "desired"  key "standing"  body: u64 boot | u64 end of validity (ns, monotonic) | u8 expired |
//   signed bytes

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/linkage/matrix.h"
#include "sync/outbox/outbox.h"
#include "sync/wire/orders.h"

namespace tocsin::flow {

class Standing {
 public:
  using Rows = std::vector<std::pair<std::string, Bytes>>;
  using Puts = std::vector<outbox::StatePut>;

  Standing(const linkage::Matrix& matrix, const Rows& linkage_rows, const Rows& desired_rows,
           const Stamp& now);

  // owner: manual or command. Nothing gives the effect back.
  void hold(linkage::Owner owner, const std::string& effect, std::optional<bool> level, Puts& puts);

  // Of a command: wanted until taken(). Never stored: a crash must not give it again.
  linkage::Cell ask_pulse(const std::string& effect, Duration width);
  void taken(const linkage::Cell& cell);

  // Replaces all desired outputs. `until`: end of their validity. Words of effects that the configuration no
  // longer has are left out.
  void desire(const wire::DesiredOutputs& desired, ByteView signed_bytes, MonoTime until, const Stamp& now,
              Puts& puts);
  // true: the desired outputs have expired with this call; on_expiry says where they stay.
  bool on_tick(const Stamp& now, Puts& puts);
  const wire::DesiredOutputs& desired() const { return desired_; }  // version 0: none

  // One per effect: manual before command before desired.
  std::map<std::string, linkage::Override> overrides() const;
  std::optional<MonoTime> next_due() const;

 private:
  void restore_desired(const Bytes& body, const Stamp& now);
  void take_words();
  outbox::StatePut desired_row(std::uint64_t boot) const;

  const linkage::Matrix& matrix_;
  std::map<std::string, bool> manual_, commanded_;  // by effect
  std::map<std::string, linkage::Override> pulses_;
  std::size_t last_pulse_ = linkage::first_command_pulse;

  wire::DesiredOutputs desired_;
  Bytes desired_bytes_;  // as they were signed
  std::map<std::string, bool> desired_levels_;
  MonoTime until_{};
  bool expired_ = false;
};

}  // namespace tocsin::flow
