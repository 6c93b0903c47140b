#pragma once
// One Paho client for one connect: it is never reused. Its callbacks run on the library's threads, do not
// throw, do not wait and call the library never; each hands a value to `report`, which must only post it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "sync/mqtt/mqtt_port.h"

namespace tocsin::mqtt {

struct Connected {
  std::uint16_t receive_maximum = 0;
};
struct Down {
  Error why;
};
struct Published {
  std::uint64_t token = 0;
  std::uint8_t reason = 0;
};
struct Subscribed {
  std::uint64_t number = 0;  // as given to subscribe()
  std::uint8_t reason = 0;
};
using Report = std::variant<Connected, Down, Message, Published, Subscribed>;

class PahoConnection {
 public:
  // `uri` as Paho wants it, its host resolved before: the library looks names up under its global lock.
  PahoConnection(const ConnectOptions& options, const std::string& uri, std::function<void(Report)> report);
  ~PahoConnection();  // may take some 100 ms; not on a thread of the library

  Status start();
  Status publish(std::uint64_t token, const std::string& topic, ByteView payload, bool retain);
  Status subscribe(std::uint64_t number, const std::string& filter);
  // Says goodbye, so that the broker does not publish the will, and waits for it to be sent. Not on the
  // owner's thread.
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::mqtt
