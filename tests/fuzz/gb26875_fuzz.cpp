// Fuzz target of GB/T 26875.3: the input as a stream of packets, and as one application unit.

#include <algorithm>

#include "drivers/gb26875/application.h"
#include "drivers/gb26875/packet.h"
#include "drivers/gb26875/text.h"
#include "tests/fuzz/require.h"

using namespace tocsin;
using fuzz::require;

namespace {

void check_unit(ByteView data) {
  const auto unit = gb26875::parse_unit(data);
  if (!unit) return;
  for (const gb26875::Object& object : unit->objects) {
    (void)gb26875::to_utf8(object.text);
    (void)gb26875::to_time(object.time);
  }
  const auto again = gb26875::build_unit(unit->type, unit->objects);
  const bool other_clock = unit->type == 90 && !unit->has(gb26875::Field::time);
  if (again && !other_clock) require(std::ranges::equal(*again, data));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView rest(data, size);
  check_unit(rest);
  while (!rest.empty()) {
    const bytes::Found found = gb26875::find_packet(rest);
    if (found.state == bytes::Found::State::need_more) {
      require(found.size > rest.size() && found.size <= gb26875::max_packet_size);
      break;
    }
    require(found.size > 0 && found.size <= rest.size());
    const ByteView part = rest.first(found.size);
    rest = rest.subspan(found.size);
    if (found.state == bytes::Found::State::skip) continue;
    const gb26875::Packet packet = gb26875::parse_packet(part).value();
    require(std::ranges::equal(gb26875::build_packet(packet).value(), part));
    check_unit(packet.unit);
  }
  return 0;
}
