#pragma once
// A piece of something larger than a frame (PIV data, authentication): total size, offset and size of this
// piece, two bytes each, then the piece.

#include <cstdint>

#include "core/bytes/reader.h"

namespace tocsin::osdp {

struct Multipart {
  std::uint16_t total = 0, offset = 0;  // bytes
  Bytes fragment;
};

inline Multipart read_multipart(bytes::Reader& in) {
  Multipart part{in.u16_le(), in.u16_le(), {}};
  const ByteView fragment = in.take(in.u16_le());
  part.fragment.assign(fragment.begin(), fragment.end());
  return part;
}

inline void write_multipart(bytes::Writer& out, const Multipart& part) {
  out.u16_le(part.total);
  out.u16_le(part.offset);
  out.u16_le(static_cast<std::uint16_t>(part.fragment.size()));
  out.raw(part.fragment);
}

}  // namespace tocsin::osdp
