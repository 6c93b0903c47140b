#pragma once
// `tocsin decode`: explains one captured input of a field protocol, as JSON for programs and as annotated
// bytes for a person. Pure: bytes in, text out. The JSON keys are those of `expected` in the vector files.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/bytes/reader.h"

namespace tocsin::decode {

// What some protocols need besides the bytes.
struct DecodeOptions {
  std::optional<int> bits;  // wiegand: number of valid bits
  std::optional<int> code;  // osdp-payload: command or reply code
  std::optional<std::string>
      direction;               // osdp-payload: "acu_to_pd", "pd_to_acu"; modbus-rtu: "request", "response"
  std::optional<Bytes> s_enc;  // osdp: session keys and the MAC before this frame, 16 bytes each
  std::optional<Bytes> s_mac1;
  std::optional<Bytes> s_mac2;
  std::optional<Bytes> prev_mac;
};

struct Decoded {
  bool valid = false;
  boost::json::object json;  // rejected: {"valid": false, "reason": "..."}
  std::string text;          // lines of offset, bytes, meaning
};

// The names that decode() knows, for help texts.
std::vector<std::string_view> protocol_names();

// An unknown protocol name is rejected with reason "unknown_protocol".
Decoded decode(std::string_view protocol, ByteView data, const DecodeOptions& options);

}  // namespace tocsin::decode
