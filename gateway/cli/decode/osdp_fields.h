#pragma once
// The fields of OSDP payloads as JSON, with the keys of the vector files.

#include <boost/json/object.hpp>

#include "drivers/osdp/commands.h"
#include "drivers/osdp/replies.h"

namespace tocsin::decode {

// Empty for messages without data.
boost::json::object fields_of(const osdp::Command& command);
boost::json::object fields_of(const osdp::Reply& reply);

// What a payload of this code says: its fields, or what is wrong with it ("short_payload", "unknown_code").
struct Payload {
  boost::json::object fields;
  std::string_view problem;  // empty when the payload fits its code
};
Payload payload_fields(bool reply, std::uint8_t code, ByteView payload);
std::string_view code_name(bool reply, std::uint8_t code);  // empty when the standard has no such code

}  // namespace tocsin::decode
