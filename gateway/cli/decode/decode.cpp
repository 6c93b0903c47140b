#include "gateway/cli/decode/decode.h"

#include <algorithm>
#include <iterator>

#include "gateway/cli/decode/protocols.h"

namespace tocsin::decode {
namespace {

struct Protocol {
  std::string_view name;
  Decoded (*decode)(ByteView data, const DecodeOptions& options);
};
constexpr Protocol protocols[] = {
    {"dlt645-2007", decode_dlt645_2007},
    {"dlt645-1997", decode_dlt645_1997},
    {"cjt188", decode_cjt188},
    {"mbus", decode_mbus},
    {"modbus-rtu", decode_modbus_rtu},
    {"gb26875.3", decode_gb26875},
    {"gb26875.3-appdata", decode_gb26875_appdata},
    {"osdp", decode_osdp},
    {"osdp-payload", decode_osdp_payload},
    {"wiegand", decode_wiegand},
};

}  // namespace

std::vector<std::string_view> protocol_names() {
  std::vector<std::string_view> names;
  for (const Protocol& protocol : protocols) names.push_back(protocol.name);
  return names;
}

Decoded reject(std::string_view reason, std::string_view detail) {
  Decoded rejected;
  rejected.json = {{"valid", false}, {"reason", reason}};
  rejected.text = "rejected: " + std::string(reason) + ": " + std::string(detail) + "\n";
  return rejected;
}

Decoded decode(std::string_view protocol, ByteView data, const DecodeOptions& options) {
  const auto found = std::find_if(std::begin(protocols), std::end(protocols),
                                  [&](const Protocol& each) { return each.name == protocol; });
  if (found == std::end(protocols)) return reject("unknown_protocol", protocol);
  return found->decode(data, options);
}

}  // namespace tocsin::decode
