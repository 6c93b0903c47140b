#pragma once
// One field bus: a thread that owns the line, polls by plan and carries out commands between polls. All
// callbacks are posted to the owner's (Asio) thread; all members are called there.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result/result.h"
#include "drivers/driver/profile.h"

namespace tocsin::bus {

enum class Kind : std::uint8_t { modbus_rtu, modbus_tcp, dlt645, cjt188, mbus };

constexpr std::string_view protocol_of(Kind kind) {
  switch (kind) {
    case Kind::modbus_rtu:
    case Kind::modbus_tcp: return "modbus";
    case Kind::dlt645: return "dlt645";
    case Kind::cjt188: return "cjt188";
    case Kind::mbus: return "mbus";
  }
  return "modbus";
}
// Electricity and water meters share a line, 8E1: their frames cannot be taken for each other's.
constexpr bool carries(Kind kind, std::string_view protocol) {
  const auto is_shared = [](std::string_view name) { return name == "dlt645" || name == "cjt188"; };
  return protocol == protocol_of(kind) || (is_shared(protocol) && is_shared(protocol_of(kind)));
}

struct BusSpec {
  std::string name;
  Kind kind = Kind::modbus_rtu;
  std::string port;  // device path, or host:port for TCP
  int baud = 9600;
  char parity = 'N';  // N E O
  int stop_bits = 1;
  std::optional<Duration> answer;  // slowest ordinary answer on this line; nothing: the usual one
  std::vector<driver::DeviceSpec> devices;
};

struct DeviceHealth {
  std::string device;
  bool online = false;
  std::uint64_t good = 0, timeouts = 0, crc = 0, exceptions = 0, late = 0, wrong = 0, retries = 0;
  Duration answer_p50{}, answer_p99{};
  std::string last_error;
};
struct BusHealth {
  std::string bus;
  bool open = false;
  std::string last_error;
  std::vector<DeviceHealth> devices;
  std::vector<std::string> deadline_misses;  // "device/point": measured detection over its deadline
};

struct BusEvents {
  // One batch per answer. A failed read gives a bad reading for each point of it.
  std::function<void(std::vector<Reading>)> readings;
  std::function<void(const std::string& device, bool online, const Error& why)> device;  // lost or back
  std::function<void(bool open, const Error& why)> line;                                 // port or connection
  // A life-safety point began, or ceased (nothing), to be detected later than its deadline.
  std::function<void(const PointId& point, std::optional<std::string> miss)> detection;
};

// Runs a function on the owner's thread, e.g. asio::post(io, f).
using Post = std::function<void(std::function<void()>)>;
// Thread-safe: monotonic and wall clock, boot id, clock quality.
using StampNow = std::function<Stamp()>;

class Bus {
 public:
  Bus(BusSpec spec, Post post, StampNow now, BusEvents events);
  ~Bus();  // ends the thread; a transaction in progress is bounded by its timeout

  // Ahead of polls, between transactions, in order. At most 256 wait; more are refused. The write is read
  // back when the device allows it; a refusal says why. A pulse is one call: on, wait, off, by the caller's
  // two writes.
  void write(const PointId& point, const Value& value, std::function<void(Status)> done);
  // Live read for `tocsin read`, past the plan.
  void read(const std::string& device, std::function<void(Result<std::vector<Reading>>)> done);
  BusHealth health() const;
  // The newest frames on the wire, at most 512 of the whole bus: "12:00:01.123 > 01 02 00 00 …". Of one
  // device, or of all when there is no such device.
  std::vector<std::string> trace(const std::string& device = {}) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tocsin::bus
