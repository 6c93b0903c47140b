#pragma once
// Several frames, noise and damage in one captured input, for the protocols that have a find_frame().

#include <functional>

#include "core/bytes/found.h"
#include "gateway/cli/decode/decode.h"

namespace tocsin::decode {

using FindFrame = std::function<bytes::Found(ByteView)>;
// Decodes the frame of `size` bytes at `offset` of the input.
using DecodeFrame = std::function<Decoded(ByteView input, std::size_t offset, std::size_t size)>;

// One frame: what decode_frame gave for it. Several: {"valid": true, "frames": [...]}. None: rejected, with
// the reason that came closest to a frame.
Decoded decode_stream(ByteView input, const FindFrame& find_frame, const DecodeFrame& decode_frame);

}  // namespace tocsin::decode
