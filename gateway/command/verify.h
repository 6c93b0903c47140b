#pragma once
// Is this order from somebody we know, for us, and young enough? Pure: bytes, keys and circumstances in,
// refusal or order out. The signature is checked over the exact bytes that came (design section 9).

#include <optional>
#include <variant>

#include "gateway/command/key.h"
#include "gateway/command/refusal.h"
#include "sync/wire/orders.h"

namespace tocsin::command {

// The gateway at the moment an order arrives.
struct Circumstances {
  Stamp now;
  std::uint64_t term = 0;           // highest seen
  std::uint64_t session_nonce = 0;  // of this connection; 0: none
  MonoTime session_since{};         // when that nonce was drawn
};

struct AuthenticCommand {
  wire::CommandOrder order;
  const Key* key = nullptr;
};
struct AuthenticDesired {
  wire::DesiredOutputs desired;
  const Key* key = nullptr;
};

std::variant<Refused, AuthenticCommand> authenticate_command(ByteView signed_bytes,
                                                             const std::string& gateway, const Keys& keys);
std::variant<Refused, AuthenticDesired> authenticate_desired(ByteView signed_bytes,
                                                             const std::string& gateway, const Keys& keys);

inline constexpr Duration longest_command = std::chrono::minutes(10);  // from issued to not_after
inline constexpr Duration longest_desired = std::chrono::hours(31 * 24);

// What an order says of its own time.
struct Validity {
  UtcTime issued{}, not_after{};
  std::uint64_t session_nonce = 0;
  bool needs_session = false;
  Duration longest{};
};
struct AgeFlaw {
  Refusal why{};
  std::string detail;
};
// With a synchronised clock the order's own times count. Without one, the order must repeat the nonce of this
// connection: then it is at most as old as the nonce is, by monotonic time, and that must be within its
// lifetime.
std::optional<AgeFlaw> age_flaw(const Validity& validity, const Circumstances& at);

// How long an order without flaw stays valid from now on; the lower bound when the clock is unsynchronised.
Duration remaining(const Validity& validity, const Circumstances& at);

}  // namespace tocsin::command
