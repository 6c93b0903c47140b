#include "gateway/cli/decode/stream.h"

#include <algorithm>
#include <vector>

#include <boost/json/array.hpp>

#include "gateway/cli/decode/annotate.h"
#include "gateway/cli/decode/protocols.h"

namespace tocsin::decode {
namespace {

using bytes::Found;

struct Part {
  std::size_t offset;
  std::size_t size;
  bool is_frame;
};

struct Scan {
  std::vector<Part> parts;  // frames and the bytes between them, in order
  std::size_t frames = 0;
  Found::Reason closest = Found::Reason::noise;
};

void add_noise(Scan& scan, std::size_t offset, std::size_t size) {
  if (!scan.parts.empty() && !scan.parts.back().is_frame) {
    scan.parts.back().size += size;
  } else {
    scan.parts.push_back({offset, size, false});
  }
}

Scan scan_input(ByteView input, const FindFrame& find_frame) {
  Scan scan;
  std::size_t offset = 0;
  while (offset < input.size()) {
    Found found = find_frame(input.subspan(offset));
    // No more bytes will come: what looked like a start was none, and a whole frame may hide behind it.
    if (found.state == Found::State::need_more) found = Found::skip(1, Found::Reason::length_or_end);
    if (found.state == Found::State::frame) {
      scan.parts.push_back({offset, found.size, true});
      ++scan.frames;
    } else {
      add_noise(scan, offset, found.size);
      scan.closest = std::max(scan.closest, found.reason);
    }
    offset += found.size;
  }
  return scan;
}

std::string_view reason_text(Found::Reason reason) {
  switch (reason) {
    case Found::Reason::checksum: return "checksum";
    case Found::Reason::length_or_end: return "bad_length_or_end";
    default: return "no_frame";
  }
}

}  // namespace

Decoded decode_stream(ByteView input, const FindFrame& find_frame, const DecodeFrame& decode_frame) {
  const Scan scan = scan_input(input, find_frame);
  if (scan.frames == 0) return reject(reason_text(scan.closest), "no whole frame with a good checksum");
  Decoded only;
  bool any_valid = false;
  boost::json::array frames;
  std::string text;
  for (const Part& part : scan.parts) {
    if (!part.is_frame) {
      Annotation noise(input);
      noise.add(part.offset, part.size, "no frame: preamble or noise");
      text += noise.text();
      continue;
    }
    Decoded one = decode_frame(input, part.offset, part.size);
    text += one.text;
    any_valid = any_valid || one.valid;
    if (scan.frames > 1) frames.push_back(std::move(one.json));
    only = std::move(one);
  }
  if (scan.frames > 1) only = Decoded{any_valid, {{"valid", any_valid}, {"frames", std::move(frames)}}, {}};
  only.text = std::move(text);
  return only;
}

}  // namespace tocsin::decode
