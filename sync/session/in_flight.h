#pragma once
// What was handed to the broker and is not PUBACKed: bounds it, tells when the broker is silent, measures the
// link.

#include <cstdint>
#include <map>
#include <optional>

#include "sync/session/delays.h"
#include "sync/wire/lane.h"

namespace tocsin::session {

enum class Content : std::uint8_t { frame, hello, alive, now };

struct Flight {
  Content content{};
  wire::Lane lane{};                  // of a frame
  std::uint64_t first = 0, last = 0;  // seqs of a frame or of a now
  std::size_t bytes = 0;
  MonoTime sent{};
  std::size_t queued = 0;  // bytes in flight when it was sent, itself included
};

class InFlight {
 public:
  void clear(MonoTime now);                        // a new connection
  std::uint64_t add(Flight flight, MonoTime now);  // gives its token; never used twice in a process
  std::optional<Flight> remove(std::uint64_t token, MonoTime now);
  void heard(MonoTime now) { heard_ = now; }

  std::size_t frames() const { return frames_; }
  std::size_t frames_of(wire::Lane lane) const;
  std::size_t count(Content content) const;
  bool holds(wire::Lane lane, std::uint64_t seq) const;  // a frame with this record is under way

  // When the link is to be cut unless something is heard before; nothing while all is PUBACKed.
  std::optional<MonoTime> silent_at() const;
  // Bytes of lane data that keep the link busy for one second; nothing before there is a measurement.
  std::optional<std::size_t> bytes_per_second() const;

 private:
  void measure(const Flight& flight, MonoTime now);

  std::map<std::uint64_t, Flight> flights_;  // tokens rise, so the front is the oldest
  std::uint64_t last_token_ = 0;
  std::size_t frames_ = 0, bytes_ = 0;
  MonoTime heard_{};
  double rate_ = 0;  // bytes per second, smoothed
};

}  // namespace tocsin::session
