#pragma once
// A line or a connection, blocking; owned by one bus thread. It moves bytes and knows how its medium gets
// clean again; it decides nothing else.

#include <cstddef>

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::driver {

class Transport {
 public:
  virtual ~Transport() = default;

  virtual Status open() = 0;  // unreachable or io when it cannot
  virtual void close() = 0;
  virtual bool is_open() const = 0;

  // Bytes that came though nobody asked: a late answer or a foreign sender.
  virtual Result<std::size_t> waiting() = 0;
  virtual Status send(ByteView bytes) = 0;
  // Whatever has come by then, at least one byte, or fault timeout. io when the line is gone.
  virtual Result<Bytes> receive(Duration timeout) = 0;
  // After any error, and when bytes were waiting. A serial line discards what comes during max(300 ms,
  // longest_answer), a connection is closed and opened again: an answer that is still under way can then
  // never be taken for the answer to a later request (Modbus RTU has no transaction number).
  virtual Status recover(Duration longest_answer) = 0;
};

}  // namespace tocsin::driver
