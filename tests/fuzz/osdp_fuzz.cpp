// Fuzz target of the OSDP parsers: a stream of frames, each opened on a secure channel, parsed and built
// back.

#include <algorithm>

#include "drivers/osdp/commands.h"
#include "drivers/osdp/frame.h"
#include "drivers/osdp/replies.h"
#include "drivers/osdp/secure_channel.h"
#include "tests/fuzz/require.h"

using namespace tocsin;
using fuzz::require;

namespace {

// A payload longer than a frame is parsed but not built.
bool rebuilt(const Result<Bytes>& built, const Bytes& payload) {
  return built ? *built == payload : payload.size() > osdp::max_frame_size;
}

void check_payload(const osdp::Frame& frame) {
  if (frame.reply) {
    if (const auto reply = osdp::parse_reply(frame.code, frame.payload))
      require(rebuilt(osdp::build_payload(*reply), frame.payload));
  } else if (const auto command = osdp::parse_command(frame.code, frame.payload)) {
    require(rebuilt(osdp::build_payload(*command), frame.payload));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const osdp::SessionKeys keys = osdp::derive_keys(osdp::default_base_key, {});
  osdp::SecureChannel panel(osdp::Role::panel, keys, {}), device(osdp::Role::device, keys, {});
  ByteView rest(data, size);
  if (size > 0) {  // a payload alone: random bytes seldom have good check bytes
    osdp::Frame frame;
    frame.code = data[0];
    frame.payload.assign(data + 1, data + size);
    check_payload(frame);
    frame.reply = true;
    check_payload(frame);
  }
  while (!rest.empty()) {
    const bytes::Found found = osdp::find_frame(rest);
    if (found.state == bytes::Found::State::need_more) {
      require(found.size > rest.size() && found.size <= osdp::max_frame_size);
      break;
    }
    require(found.size > 0 && found.size <= rest.size());
    const ByteView part = rest.first(found.size);
    rest = rest.subspan(found.size);
    if (found.state == bytes::Found::State::skip) continue;
    const osdp::Frame frame = osdp::parse_frame(part).value();
    const Bytes again = osdp::build_frame(frame).value();
    require(std::equal(again.begin(), again.end(), part.begin(), part.end()));
    check_payload(frame);
    (void)panel.open(part);
    (void)device.open(part);
    (void)osdp::decrypt(keys, {}, frame.payload);
  }
  return 0;
}
