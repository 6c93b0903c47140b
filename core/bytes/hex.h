#pragma once

#include <string>
#include <string_view>

#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::bytes {

std::string to_hex(ByteView data);              // lower case, no separators
Result<Bytes> from_hex(std::string_view text);  // spaces, colons and 0x are skipped; odd digits are an error

}  // namespace tocsin::bytes
