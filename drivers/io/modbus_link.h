#pragma once
// Moves Modbus messages over RTU or TCP; the only user of libmodbus (facts behind every rule: docs/adr). Each
// message, in both directions, is unit identifier, function code and data; libmodbus adds and checks CRC and
// MBAP header. Whatever is in the message is checked by drivers/modbus. Owned by one bus thread, one request
// outstanding.

#include <memory>

#include "drivers/driver/transport.h"
#include "drivers/io/line_settings.h"
#include "drivers/io/tcp_stream.h"

namespace tocsin::io {

class ModbusLink final : public driver::Transport {
 public:
  explicit ModbusLink(LineSettings rtu);
  explicit ModbusLink(Endpoint tcp);
  ~ModbusLink() override;

  Status open()
      override;  // refused when the descriptor would be 1024 or more: libmodbus' select() cannot take it
  void close() override;
  bool is_open() const override;
  Result<std::size_t> waiting() override;
  Status send(ByteView message) override;
  Result<Bytes> receive(Duration timeout) override;  // one whole message
  Status recover(Duration longest_answer) override;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace tocsin::io
