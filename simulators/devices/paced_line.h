#pragma once
// One real line, a pty or a TCP port on loopback, whose bytes take as long as the baud rate says. It can be
// unplugged: the pty's other end hangs up, the connection and the port are closed. Owned by one Asio thread.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "simulators/devices/line_faults.h"

namespace tocsin::sim {

struct LinePlace {
  std::string pty;  // symbolic link to the pty's other end; empty: TCP
  int port = 0;     // 0 takes a free one
  int baud = 2400;  // 11 bits a byte
};

// What is to be done about the bytes that came since the last answer.
struct LineAnswer {
  std::vector<LineFaults::Part> parts;  // one after the other; new requests are not heard meanwhile
  Duration unplugged{};                 // instead, when more than 0
};

class PacedLine {
 public:
  // `on_input` gets everything that has come, and removes what it has dealt with.
  PacedLine(boost::asio::io_context& io, LinePlace place, std::function<LineAnswer(Bytes& input)> on_input);
  ~PacedLine();
  int port() const;  // of TCP
  void unplug(Duration time);
  Duration byte_time() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tocsin::sim
