#pragma once
// Text that protobuf accepts. A proto3 string must be UTF-8, and the receiver refuses the whole message when
// it is not: one odd byte from a device would make an alarm undecodable.

#include <string>
#include <string_view>

namespace tocsin::wire {

// The text, each byte that is part of no valid UTF-8 sequence replaced by '?'.
std::string clean_text(std::string_view text);

}  // namespace tocsin::wire
