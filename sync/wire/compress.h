#pragma once
// zstd in one call each way. Sizes from outside are bounded before anything is allocated.

#include <optional>

#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::wire {

inline constexpr std::size_t largest_plain = 1 << 20;  // bytes; no honest message unpacks to more

// Nothing when it does not pay: small input, or less than an eighth saved.
std::optional<Bytes> compress(ByteView plain);
// Fault::bad_input when it is no zstd frame of exactly `size` bytes, or `size` is above largest_plain.
Result<Bytes> decompress(ByteView packed, std::size_t size);

}  // namespace tocsin::wire
