#pragma once
// Text of GB/T 26875.3 packets: GB18030, in fields filled up with zeros or blanks. iconv(3) stays inside
// text.cpp.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/bytes/reader.h"

namespace tocsin::gb26875 {

// For display: up to the first zero, without trailing blanks, as UTF-8. Bytes that are no GB18030 (a
// character cut by the end of the field, or worse) become U+FFFD.
std::string to_utf8(ByteView gb18030);
// At most `limit` bytes, cut between characters; what is not UTF-8 becomes '?'. No fill.
Bytes from_utf8(std::string_view utf8, std::size_t limit);

}  // namespace tocsin::gb26875
