#pragma once
// One list of fields per type serves both directions: persist(Saver, …) writes it, persist(Loader, …) reads
// it back. Little endian; texts and lists are counted; times are nanoseconds of the boot that wrote them.

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/alarm/record.h"
#include "core/bytes/reader.h"

namespace tocsin::alarm {

class Saver {
 public:
  explicit Saver(Bytes& out) : out_(out) {}

  void flag(bool value) { out_.u8(value ? 1 : 0); }
  void tag(std::size_t value) { out_.u8(static_cast<std::uint8_t>(value)); }
  template <class Enum>
  void member(const Enum& value, Enum /*last*/) {
    out_.u8(static_cast<std::uint8_t>(value));
  }
  void count(std::uint32_t value) { out_.u32_le(value); }
  void whole(std::int64_t value) { out_.u64_le(static_cast<std::uint64_t>(value)); }
  void real(double value) { out_.u64_le(std::bit_cast<std::uint64_t>(value)); }
  void real32(float value) { out_.u32_le(std::bit_cast<std::uint32_t>(value)); }
  void time(MonoTime value) { whole(value.time_since_epoch().count()); }
  void listening_time(MonoTime value) { time(value); }
  void duration(Duration value) { whole(value.count()); }
  void utc(UtcTime value) { whole(value.time_since_epoch().count()); }
  void text(const std::string& value);
  void value(const Value& value);
  void stamp(const Stamp& value);
  void record(const Record& value);

  template <class T, class Field>
  void optional(const std::optional<T>& value, Field field) {
    flag(value.has_value());
    if (value) field(*value);
  }
  template <class T, class Field>
  void list(const std::vector<T>& values, std::size_t most, Field field) {
    const std::size_t size = std::min(values.size(), most);
    count(static_cast<std::uint32_t>(size));
    for (std::size_t i = 0; i < size; ++i) field(values[i]);
  }

 private:
  bytes::Writer out_;
};

// Stored times are moved into the present boot by shift_times(). After anything that makes no sense ok() is
// false, and what was read is not to be used.
class Loader {
 public:
  explicit Loader(ByteView data) : in_(data) {}

  // To be added to stored times; `listening` to those that stand still while the gateway is down.
  void shift_times(Duration running, Duration listening) { running_ = running, listening_ = listening; }

  void flag(bool& value) { value = bounded(1) == 1; }
  void tag(std::size_t expected) { check(in_.u8() == expected); }
  template <class Enum>
  void member(Enum& value, Enum last) {
    value = static_cast<Enum>(bounded(static_cast<std::uint8_t>(last)));
  }
  void count(std::uint32_t& value) { value = in_.u32_le(); }
  void whole(std::int64_t& value) { value = static_cast<std::int64_t>(in_.u64_le()); }
  void real(double& value) { value = std::bit_cast<double>(in_.u64_le()); }
  void real32(float& value) { value = std::bit_cast<float>(in_.u32_le()); }
  void time(MonoTime& value) { value = MonoTime{sane_duration() + running_}; }
  void listening_time(MonoTime& value) { value = MonoTime{sane_duration() + listening_}; }
  void duration(Duration& value) { value = sane_duration(); }
  void utc(UtcTime& value);
  void text(std::string& value);
  void value(Value& value);
  void stamp(Stamp& value);  // as it was written: a stamp names its boot
  void record(Record& value);

  template <class T, class Field>
  void optional(std::optional<T>& value, Field field) {
    bool present = false;
    flag(present);
    value.reset();
    if (present && ok()) field(value.emplace());
  }
  template <class T, class Field>
  void list(std::vector<T>& values, std::size_t most, Field field) {
    std::uint32_t size = 0;
    count(size);
    values.clear();
    if (!check(size <= most)) return;
    for (std::uint32_t i = 0; i < size && ok(); ++i) field(values.emplace_back());
  }

  bool ok() const { return in_.ok() && sane_; }
  std::size_t remaining() const { return in_.remaining(); }

 private:
  bool check(bool sane) { return sane_ = sane_ && sane; }
  std::uint8_t bounded(std::uint8_t last);
  Duration sane_duration();  // within 100 years, so that adding to it cannot overflow

  bytes::Reader in_;
  Duration running_{}, listening_{};
  bool sane_ = true;
};

}  // namespace tocsin::alarm
