#pragma once
// The one loop that does the I/O of every conversation. Blocking; runs on the bus thread.

#include <functional>

#include "drivers/driver/exchange.h"
#include "drivers/driver/frame_protocol.h"
#include "drivers/driver/transport.h"

namespace tocsin::io {

// A transport that delivers whole frames (ModbusLink).
class WholeFrames final : public driver::FrameProtocol {
 public:
  bytes::Found find(ByteView input) const override { return bytes::Found::frame(input.size()); }
};

struct PumpResult {
  Result<driver::Samples> samples;
  bool late = false;  // bytes were waiting before the request; the line was made clean first
  Duration answer{};  // from the last byte sent to the last frame
};

using Trace = std::function<void(char direction, ByteView bytes)>;  // '>' sent, '<' received

struct PumpTimes {
  Duration answer{};      // bounds each answer
  Duration late{};        // an answer given up may still come for so long
  Duration turnaround{};  // between an answer and the next request of the same conversation
};

// Holds one conversation. After an error the line has been made clean; when even that failed the transport is
// closed.
PumpResult pump(driver::Transport& transport, const driver::FrameProtocol& frames, driver::Exchange& exchange,
                const PumpTimes& times, const Trace& trace);

}  // namespace tocsin::io
