#pragma once
// A TCP connection to a device or converter, as a Transport. Numeric addresses only: a name look-up may block
// for half a minute. Owned by one bus thread.

#include <string>

#include "drivers/driver/transport.h"
#include "drivers/io/file_descriptor.h"

namespace tocsin::io {

struct Endpoint {
  std::string host;  // numeric IPv4 or IPv6
  std::uint16_t port = 0;
};
Result<Endpoint> parse_endpoint(const std::string& text);  // "192.0.2.7:502", "[2001:db8::1]:502"

// Connected within a second, without Nagle's delay; unreachable otherwise.
Result<FileDescriptor> connect_to(const Endpoint& endpoint);

class TcpStream final : public driver::Transport {
 public:
  explicit TcpStream(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  Status open() override;
  void close() override { socket_.close(); }
  bool is_open() const override { return socket_.is_open(); }
  Result<std::size_t> waiting() override { return bytes_waiting(socket_.get()); }
  Status send(ByteView bytes) override;
  Result<Bytes> receive(Duration timeout) override { return read_some(socket_.get(), timeout); }
  Status recover(Duration longest_answer) override;

 private:
  Endpoint endpoint_;
  FileDescriptor socket_;
};

}  // namespace tocsin::io
