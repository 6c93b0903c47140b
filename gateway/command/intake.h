#pragma once
// Judges the orders that arrive: authentic, new, young, within the key's scope and rate. Pure; owned by the
// gateway's Asio thread. What the building itself forbids is asked of the building, after this.

#include <array>

#include "gateway/command/bucket.h"
#include "gateway/command/intent.h"
#include "gateway/command/journal.h"
#include "gateway/command/verify.h"

namespace tocsin::command {

class Intake {
 public:
  Intake(std::string gateway, Keys keys, Journal journal);

  // The order itself: signature, addressee, term, replay. An authentic one is judged with this, for good.
  std::variant<Refused, AuthenticCommand> receive(ByteView signed_bytes, const Circumstances& at,
                                                  Journal::Puts& puts);
  // What it wants: age, session, scope, rate.
  std::optional<Refused> admit(const AuthenticCommand& command, const Intent& intent,
                               const Circumstances& at);
  std::variant<Refused, AuthenticDesired> receive_desired(ByteView signed_bytes,
                                                          const Circumstances& at) const;

  // Counts the refusal. Nothing when it is not to be recorded: of orders that no key signed, 2000 at once and
  // then 10 a second are, so that a flood cannot wear out the disk; the next record tells how many were left
  // out.
  std::optional<std::string> record_of(const Refused& refused, MonoTime now);
  const std::array<std::uint64_t, refusal_count>& counts() const { return counts_; }

  Journal& journal() { return journal_; }
  const Keys& keys() const { return keys_; }

 private:
  std::string gateway_;
  Keys keys_;
  Journal journal_;
  std::map<std::string, Bucket> rates_;  // by key
  Bucket records_;
  std::uint64_t unrecorded_ = 0;
  std::array<std::uint64_t, refusal_count> counts_{};
};

}  // namespace tocsin::command
