#pragma once
// Why an order is not obeyed. Each has a stable word: it stands in the answer, in the audit and in
// `tocsin status` (docs/protocols/commands.md).

#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/reader.h"

namespace tocsin::command {

enum class Refusal : std::uint8_t {
  retained,           // it lay in the broker
  oversize,           // more than 64 KiB
  malformed,          // no readable order
  unknown_key,        // no [key.NAME] of this gateway
  bad_signature,      // the bytes are not what the key signed
  foreign,            // signed for another gateway
  old_term,           // of an aggregator that is no longer the owner
  replayed,           // this order, or a later one of its key, was judged before
  expired,            // after not_after
  from_future,        // issued later than our synchronised clock allows
  lifetime,           // valid for longer than an order may be, or not at all
  wrong_session,      // does not repeat the nonce of this connection
  stale_session,      // the clock is unsynchronised and the connection older than the order's lifetime
  unknown_operation,  // no such operation, or not for this point
  unknown_point,      // no such effect, zone or open alarm
  bad_argument,       // a word, number or argument the operation does not take
  out_of_scope,       // the key may not do this, or not here
  too_fast,           // more orders of this key than its rate
  valve,              // nobody opens a gas valve remotely
  fire_latched,       // nothing locks an escape door while a fire is latched
  overruled,          // a fire, a person on site or the local matrix holds this output
  old_version,        // desired outputs of an earlier version than the applied one
};
inline constexpr std::size_t refusal_count = 22;

std::string_view name_of(Refusal refusal);  // "bad-signature"

struct Refused {
  Refusal why{};
  std::string detail;         // one line for a person
  Bytes id;                   // as the order claims; empty when it cannot be read
  bool authentic = false;     // a key of ours signed it
  std::uint64_t version = 0;  // of refused desired outputs
};

}  // namespace tocsin::command
