#pragma once
// A serial line with eight data bits, as a Transport; for the protocols that libmodbus does not speak. RS-485
// direction is the kernel's or the adapter's business. Owned by one bus thread.

#include "drivers/driver/transport.h"
#include "drivers/io/file_descriptor.h"
#include "drivers/io/line_settings.h"

namespace tocsin::io {

class SerialPort final : public driver::Transport {
 public:
  explicit SerialPort(LineSettings settings) : settings_(std::move(settings)) {}

  Status open() override;
  void close() override { port_.close(); }
  bool is_open() const override { return port_.is_open(); }
  Result<std::size_t> waiting() override { return bytes_waiting(port_.get()); }
  Status send(ByteView bytes) override;
  Result<Bytes> receive(Duration timeout) override { return read_some(port_.get(), timeout); }
  Status recover(Duration longest_answer) override;

 private:
  LineSettings settings_;
  FileDescriptor port_;
};

// Refuses a line that another program holds; a line has one master.
Status lock_line(int fd, const std::string& device);

}  // namespace tocsin::io
