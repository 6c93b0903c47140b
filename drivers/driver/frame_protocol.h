#pragma once
// How to find the next frame in a stream of bytes that may start with noise.

#include "core/bytes/found.h"
#include "core/bytes/reader.h"

namespace tocsin::driver {

class FrameProtocol {
 public:
  virtual ~FrameProtocol() = default;
  virtual bytes::Found find(ByteView input) const = 0;
};

}  // namespace tocsin::driver
