#pragma once
// One function per protocol family, each in its own decode_*.cpp; decode() dispatches to them by name.

#include "gateway/cli/decode/decode.h"

namespace tocsin::decode {

Decoded decode_dlt645_2007(ByteView data, const DecodeOptions& options);
Decoded decode_dlt645_1997(ByteView data, const DecodeOptions& options);
Decoded decode_cjt188(ByteView data, const DecodeOptions& options);
Decoded decode_mbus(ByteView data, const DecodeOptions& options);
Decoded decode_modbus_rtu(ByteView data, const DecodeOptions& options);
Decoded decode_gb26875(ByteView data, const DecodeOptions& options);
Decoded decode_gb26875_appdata(ByteView data, const DecodeOptions& options);
Decoded decode_osdp(ByteView data, const DecodeOptions& options);
Decoded decode_osdp_payload(ByteView data, const DecodeOptions& options);
Decoded decode_wiegand(ByteView data, const DecodeOptions& options);

// {"valid": false, "reason": reason}; `detail` is a line of text for a person.
Decoded reject(std::string_view reason, std::string_view detail);

}  // namespace tocsin::decode
