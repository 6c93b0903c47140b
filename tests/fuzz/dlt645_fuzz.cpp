// Any bytes: searched, parsed, rebuilt, interpreted. What parses must be built again unchanged.

#include <algorithm>
#include <cstdlib>

#include "drivers/dlt645/frame.h"
#include "drivers/dlt645/values.h"

namespace {

using namespace tocsin;

void interpret(const dlt645::Frame& frame) {
  for (const auto edition : {dlt645::Edition::v2007, dlt645::Edition::v1997}) {
    const auto identifier = dlt645::identifier(frame, edition);
    if (identifier) dlt645::read_values(*identifier, edition, dlt645::answer_data(frame, edition));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView rest(data, size);
  while (!rest.empty()) {
    const bytes::Found found = dlt645::find_frame(rest);
    if (found.state == bytes::Found::State::need_more) break;
    if (found.size == 0 || found.size > rest.size()) std::abort();
    if (found.state == bytes::Found::State::frame) {
      const auto whole = rest.first(found.size);
      const auto frame = dlt645::parse_frame(whole).value();
      if (dlt645::build_frame(frame).value() != Bytes(whole.begin(), whole.end())) std::abort();
      interpret(frame);
    }
    rest = rest.subspan(found.size);
  }
  // Without an envelope, so that values are reached without a good checksum.
  dlt645::Frame bare;
  bare.control = 0x91;
  bare.data.assign(data, data + std::min(size, dlt645::max_data));
  interpret(bare);
  return 0;
}
