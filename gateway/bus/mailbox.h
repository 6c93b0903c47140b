#pragma once
// What the owner's thread and the bus thread share: commands go in, health and trace come out. The only mutex
// of the gateway.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <variant>

#include "core/bytes/reader.h"
#include "gateway/bus/bus.h"

namespace tocsin::bus {

struct WriteCommand {
  std::size_t device = 0;
  std::size_t point = 0;
  Value value;
  std::function<void(Status)> done;  // called on the owner's thread
};
struct ReadCommand {
  std::size_t device = 0;
  std::function<void(Result<std::vector<Reading>>)> done;
};
using Command = std::variant<WriteCommand, ReadCommand>;

class Mailbox {
 public:
  static constexpr std::size_t most_commands = 256;  // more are refused
  static constexpr std::size_t most_frames = 512;    // the oldest go

  bool push(Command command);  // false when full
  std::optional<Command> pop();
  bool has_command() const;
  // Until a command comes, stop() or the time is over.
  void wait(Duration longest) const;
  void stop();
  bool stopping() const;

  void set_health(BusHealth health);
  BusHealth health() const;
  void add_frame(UtcTime time, std::size_t device, char direction, ByteView bytes);
  std::vector<std::string> trace(std::optional<std::size_t> device) const;  // oldest first; nothing: of all

 private:
  struct Frame {
    UtcTime time;
    std::size_t device;
    char direction;
    Bytes bytes;  // its memory is used again by the frame that takes its place
  };
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<Command> commands_;
  bool stopping_ = false;
  BusHealth health_;
  std::vector<Frame> frames_;
  std::size_t newest_ = 0;  // where the next frame goes once frames_ is full
};

}  // namespace tocsin::bus
