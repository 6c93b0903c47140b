#include "core/alarm/archive.h"

namespace tocsin::alarm {
namespace {

constexpr std::size_t longest_list = 256;                       // of causes
constexpr std::int64_t century_ns = 3'155'760'000'000'000'000;  // 100 years
constexpr std::int64_t century_ms = century_ns / 1'000'000;

template <class Archive, class Self>
void persist_bits(Archive& archive, Self& bits) {
  archive.flag(bits.active);
  archive.flag(bits.latched);
  archive.flag(bits.disabled);
  archive.flag(bits.test);
  archive.flag(bits.out_of_service);
}

// The key is the row's own key and not written again.
template <class Archive, class Self>
void persist_record(Archive& archive, Self& record) {
  archive.text(record.alarm_id);
  archive.member(record.cls, AlarmClass::disabled);
  archive.member(record.stage, Stage::confirmed);
  persist_bits(archive, record.bits);
  archive.count(record.count);
  archive.text(record.zone);
  archive.value(record.value);
  archive.text(record.unit);
  archive.optional(record.threshold, [&](auto& threshold) { archive.real(threshold); });
  archive.list(record.cause, longest_list, [&](auto& cause) { archive.text(cause); });
  archive.optional(record.t_source, [&](auto& time) { archive.utc(time); });
  archive.stamp(record.raised_at);
  archive.stamp(record.changed_at);
  archive.flag(record.inferred);
  archive.text(record.reason);
}

}  // namespace

void Saver::text(const std::string& value) {
  const std::size_t size = std::min<std::size_t>(value.size(), std::numeric_limits<std::uint16_t>::max());
  out_.u16_le(static_cast<std::uint16_t>(size));
  for (std::size_t i = 0; i < size; ++i) out_.u8(static_cast<std::uint8_t>(value[i]));
}

void Saver::value(const Value& value) {
  tag(value.index());
  if (const auto* b = std::get_if<bool>(&value)) flag(*b);
  if (const auto* i = std::get_if<std::int64_t>(&value)) whole(*i);
  if (const auto* d = std::get_if<double>(&value)) real(*d);
  if (const auto* s = std::get_if<std::string>(&value)) text(*s);
}

void Saver::stamp(const Stamp& value) {
  whole(value.mono.time_since_epoch().count());
  utc(value.utc);
  out_.u64_le(value.boot);
  member(value.clock, ClockQuality::synchronised);
}

void Saver::record(const Record& value) {
  persist_record(*this, value);
}

void Loader::utc(UtcTime& value) {
  std::int64_t ms = 0;
  whole(ms);
  if (!check(ms >= -century_ms && ms <= century_ms)) ms = 0;
  value = UtcTime{std::chrono::milliseconds{ms}};
}

void Loader::text(std::string& value) {
  const ByteView data = in_.take(in_.u16_le());
  value.assign(data.begin(), data.end());
}

void Loader::value(Value& value) {
  switch (in_.u8()) {
    case 0: value = std::monostate{}; return;
    case 1: flag(value.emplace<bool>()); return;
    case 2: whole(value.emplace<std::int64_t>()); return;
    case 3: real(value.emplace<double>()); return;
    case 4: text(value.emplace<std::string>()); return;
    default: check(false);
  }
}

void Loader::stamp(Stamp& value) {
  value.mono = MonoTime{sane_duration()};
  utc(value.utc);
  value.boot = in_.u64_le();
  member(value.clock, ClockQuality::synchronised);
}

void Loader::record(Record& value) {
  persist_record(*this, value);
}

std::uint8_t Loader::bounded(std::uint8_t last) {
  const std::uint8_t value = in_.u8();
  return check(value <= last) ? value : std::uint8_t{0};
}

Duration Loader::sane_duration() {
  std::int64_t ns = 0;
  whole(ns);
  return check(ns >= -century_ns && ns <= century_ns) ? Duration{ns} : Duration{};
}

}  // namespace tocsin::alarm
