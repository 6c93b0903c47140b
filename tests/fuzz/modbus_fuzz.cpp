// Any bytes as RTU, as TCP and as a bare PDU, in both directions. What parses must be built again unchanged.

#include <cstdlib>

#include "drivers/modbus/rtu_frame.h"

namespace {

using namespace tocsin;
using bytes::Found;

void check_rtu(ByteView rest, modbus::Direction direction) {
  while (!rest.empty()) {
    const Found found = modbus::find_rtu_frame(rest, direction);
    if (found.state == Found::State::need_more) break;
    if (found.size == 0 || found.size > rest.size()) std::abort();
    if (found.state == Found::State::frame) {
      const auto whole = rest.first(found.size);
      const auto frame = modbus::parse_rtu_frame(whole, direction).value();
      if (modbus::build_rtu_frame(frame).value() != Bytes(whole.begin(), whole.end())) std::abort();
    }
    rest = rest.subspan(found.size);
  }
}

void check_pdu(ByteView data, modbus::Direction direction) {
  const auto pdu = modbus::parse_pdu(data, direction);
  if (pdu && modbus::build_pdu(*pdu).value() != Bytes(data.begin(), data.end())) std::abort();
}

void check_tcp(ByteView data, modbus::Direction direction) {
  const Found found = modbus::find_tcp_adu(data);
  if (found.state != Found::State::frame) return;
  const auto whole = data.first(found.size);
  const auto adu = modbus::parse_tcp_adu(whole, direction);
  if (adu && modbus::build_tcp_adu(*adu).value() != Bytes(whole.begin(), whole.end())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto direction : {modbus::Direction::request, modbus::Direction::response}) {
    check_rtu({data, size}, direction);
    check_pdu({data, size}, direction);
    check_tcp({data, size}, direction);
  }
  return 0;
}
