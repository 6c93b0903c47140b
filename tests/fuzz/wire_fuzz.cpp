// Fuzz target of what comes over MQTT: frames and the bodies in them, the session's messages, signed orders,
// and the topic itself. What is understood is written again and must be understood the same.

#include "sync/session/messages.h"
#include "sync/wire/codec.h"
#include "sync/wire/frame.h"
#include "sync/wire/orders.h"
#include "sync/wire/topics.h"
#include "tests/fuzz/require.h"

using namespace tocsin;
using fuzz::require;

namespace {

void check_frame(ByteView data) {
  const auto frame = wire::decode_frame(data);
  if (!frame) return;
  require(!frame->records.empty() && frame->records.size() <= wire::most_records);
  const Bytes again =
      wire::encode_frame(frame->epoch, frame->lane, frame->after, frame->records, frame->sent);
  require(wire::decode_frame(again).value().records.size() == frame->records.size());
}

void check_bodies(ByteView data) {
  (void)wire::decode_alarm_body(data);
  if (const auto event = wire::decode_event_body(data))
    require(wire::decode_event_body(wire::encode_event(event->report, event->at)).value().report ==
            event->report);
  if (const auto block = wire::decode_block(data)) {
    require(block->size() <= wire::most_readings);
    if (!block->empty())
      require(wire::decode_block(wire::encode_block(*block)).value().size() == block->size());
  }
}

void check_messages(ByteView data) {
  (void)session::decode_hello(data);
  (void)session::decode_resume(data);
  (void)session::decode_ack(data);
  (void)session::decode_alive(data);
  (void)session::decode_now(data);
  if (const auto order = wire::decode_signed(data)) {
    (void)wire::decode_command(order->payload);
    (void)wire::decode_desired(order->payload);
  }
  if (const auto command = wire::decode_command(data))
    require(wire::decode_command(wire::encode_command(*command)).value() == *command);
  if (const auto desired = wire::decode_desired(data))
    require(wire::decode_desired(wire::encode_desired(*desired)).value() == *desired);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  check_frame(input);
  check_bodies(input);
  check_messages(input);
  (void)wire::parse_gateway_topic({reinterpret_cast<const char*>(data), size});
  return 0;
}
