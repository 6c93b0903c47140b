#pragma once
// What the cloud orders: signed commands and signed desired outputs (design section 9). The signature is over
// the exact bytes of `payload`; who checks it parses those same bytes and never encodes them again.

#include <map>
#include <string>
#include <vector>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::wire {

struct SignedOrder {  // down/command, down/desired
  Bytes payload;
  std::string key_id;
  Bytes signature;  // Ed25519, 64 bytes
};
Bytes encode_signed(const SignedOrder& order);
Result<SignedOrder> decode_signed(ByteView data);

struct CommandOrder {
  Bytes id;  // 16 random bytes
  std::string gateway, point, operation;
  std::map<std::string, std::string> arguments;
  UtcTime issued{}, not_after{};
  std::uint64_t term = 0;
  std::string issuer;
  std::uint64_t counter = 0;
  std::uint64_t session_nonce = 0;

  friend bool operator==(const CommandOrder&, const CommandOrder&) = default;
};
Bytes encode_command(const CommandOrder& command);
Result<CommandOrder> decode_command(ByteView payload);

struct OutputWord {
  std::string effect, word;
  friend bool operator==(const OutputWord&, const OutputWord&) = default;
};
enum class OnExpiry : std::uint8_t { hold, safe };
struct DesiredOutputs {
  std::string gateway;
  std::uint64_t version = 0;
  UtcTime not_after{};
  OnExpiry on_expiry = OnExpiry::safe;
  std::vector<OutputWord> outputs;
  UtcTime issued{};
  std::uint64_t session_nonce = 0;  // needed while the gateway's clock is unsynchronised
  std::uint64_t term = 0;

  friend bool operator==(const DesiredOutputs&, const DesiredOutputs&) = default;
};
Bytes encode_desired(const DesiredOutputs& desired);
Result<DesiredOutputs> decode_desired(ByteView payload);

}  // namespace tocsin::wire
