// Any bytes: searched, parsed, rebuilt, interpreted. What parses must be built again unchanged.

#include <algorithm>
#include <cstdlib>

#include "drivers/cjt188/frame.h"
#include "drivers/cjt188/payload.h"

namespace {

using namespace tocsin;

void interpret(const cjt188::Frame& frame) {
  cjt188::read_values(frame);
  cjt188::valve_command(frame);
  cjt188::new_address(frame);
  cjt188::answer_status(frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView rest(data, size);
  while (!rest.empty()) {
    const bytes::Found found = cjt188::find_frame(rest);
    if (found.state == bytes::Found::State::need_more) break;
    if (found.size == 0 || found.size > rest.size()) std::abort();
    if (found.state == bytes::Found::State::frame) {
      const auto whole = rest.first(found.size);
      const auto frame = cjt188::parse_frame(whole).value();
      if (cjt188::build_frame(frame).value() != Bytes(whole.begin(), whole.end())) std::abort();
      interpret(frame);
    }
    rest = rest.subspan(found.size);
  }
  // Without an envelope, so that values are reached without a good checksum.
  cjt188::Frame bare;
  bare.control = size > 0 ? data[0] : 0x81;
  bare.data.assign(data, data + std::min(size, cjt188::max_data));
  interpret(bare);
  return 0;
}
