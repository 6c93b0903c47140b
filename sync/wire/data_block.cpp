#include <algorithm>
#include <limits>
#include <map>

#include "sync/wire/codec.h"
#include "sync/wire/compress.h"
#include "sync/wire/data_columns.h"
#include "sync/wire/message.h"
#include "sync/wire/text.h"

namespace tocsin::wire {
namespace {

constexpr std::uint8_t plain_block = 0;
constexpr std::uint8_t zstd_block = 1;                       // then the plain size, 4 bytes little-endian
constexpr std::int64_t largest_mono_ms = 9'000'000'000'000;  // in nanoseconds it still fits 64 bits
constexpr std::uint8_t bad_without_fault = 2;  // quality byte: 0 good, 1 uncertain, 2 bad, 3 + fault

std::int64_t mono_ms(const Reading& reading) {
  return to_ms(reading.t_gateway.mono.time_since_epoch());
}

std::uint8_t quality_byte(const Reading& reading) {
  if (reading.quality != Quality::bad) return static_cast<std::uint8_t>(reading.quality);
  return reading.fault ? static_cast<std::uint8_t>(bad_without_fault + 1 + static_cast<int>(*reading.fault))
                       : bad_without_fault;
}

// ---- to columns
// -----------------------------------------------------------------------------------------------------

// Names of a device differ in their ends only: a name says how much of the one before it repeats.
void put_name(DataBlock& block, const std::string& name, std::string& before) {
  const auto differ = std::mismatch(name.begin(), name.end(), before.begin(), before.end());
  const auto shared = static_cast<std::size_t>(differ.first - name.begin());
  block.add_points(name.substr(shared));
  block.add_shared(static_cast<std::uint32_t>(shared));
  before = name;
}

void put_points(DataBlock& block, const std::vector<Reading>& readings) {
  std::map<PointId, int> index;
  std::string name;
  int before = 0;
  for (const Reading& reading : readings) {
    const auto [at, is_new] = index.emplace(reading.id, block.points_size());
    if (is_new) put_name(block, to_string(reading.id), name);
    block.add_id_delta(at->second - before);
    before = at->second;
  }
}

void put_times(DataBlock& block, const std::vector<Reading>& readings) {
  const Stamp& first = readings.front().t_gateway;
  block.set_boot(first.boot);
  block.set_base_ms(utc_ms(first.utc));
  block.set_base_mono_ms(mono_ms(readings.front()));
  block.set_clock_quality(static_cast<std::uint32_t>(first.clock));
  std::int64_t utc_before = utc_ms(first.utc), mono_before = mono_ms(readings.front());
  bool same_steps = true, same_clock = true;
  std::string clocks;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const Reading& reading = readings[i];
    block.add_time_delta_ms(utc_ms(reading.t_gateway.utc) - utc_before);
    block.add_mono_delta_ms(mono_ms(reading) - mono_before);
    utc_before = utc_ms(reading.t_gateway.utc);
    mono_before = mono_ms(reading);
    const int at = static_cast<int>(i);
    same_steps = same_steps && block.time_delta_ms(at) == block.mono_delta_ms(at);
    same_clock = same_clock && reading.t_gateway.clock == first.clock;
    clocks.push_back(static_cast<char>(reading.t_gateway.clock));
    if (reading.t_source) {
      block.add_sourced(static_cast<std::uint32_t>(i));
      block.add_source_ms(utc_ms(*reading.t_source) - utc_ms(reading.t_gateway.utc));
    }
  }
  if (same_steps) block.clear_mono_delta_ms();
  if (!same_clock) block.set_clocks(clocks);
}

void put_quality(DataBlock& block, const std::vector<Reading>& readings) {
  std::string quality;
  bool all_good = true;
  for (const Reading& reading : readings) {
    quality.push_back(static_cast<char>(quality_byte(reading)));
    all_good = all_good && quality.back() == 0;
  }
  if (!all_good) block.set_quality(quality);
}

constexpr std::uint32_t not_decimal = std::numeric_limits<std::uint32_t>::max();

std::map<PointId, std::uint32_t> choose_decimals(const std::vector<Reading>& readings) {
  std::map<PointId, std::vector<double>> reals;
  for (const Reading& reading : readings)
    if (const auto* value = std::get_if<double>(&reading.value)) reals[reading.id].push_back(*value);
  std::map<PointId, std::uint32_t> decimals;
  for (const auto& [id, values] : reals) decimals[id] = decimals_for(values).value_or(not_decimal);
  return decimals;
}

Kind put_value(DataBlock& block, const Value& value, std::uint32_t decimals) {
  if (const auto* b = std::get_if<bool>(&value)) return *b ? Kind::yes : Kind::no;
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    block.add_scaled(*i);
    return Kind::integer;
  }
  if (const auto* d = std::get_if<double>(&value)) {
    if (decimals == not_decimal) {
      block.add_real(*d);
      return Kind::real;
    }
    block.add_scaled(scaled(*d, decimals));
    return Kind::decimal;
  }
  if (const auto* s = std::get_if<std::string>(&value)) {
    block.add_text(clean_text(*s));
    return Kind::text;
  }
  return Kind::none;
}

void put_values(DataBlock& block, const std::vector<Reading>& readings) {
  const auto decimals = choose_decimals(readings);
  std::vector<std::uint32_t> by_index(static_cast<std::size_t>(block.points_size()), 0);
  std::vector<Kind> kinds;
  int index = 0;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    index += block.id_delta(static_cast<int>(i));
    const auto known = decimals.find(readings[i].id);
    const std::uint32_t scale = known == decimals.end() ? 0 : known->second;
    kinds.push_back(put_value(block, readings[i].value, scale));
    by_index[static_cast<std::size_t>(index)] = scale == not_decimal ? 0 : scale;
  }
  for (const std::uint32_t scale : by_index) block.add_decimals(scale);
  for (const std::uint32_t run : run_lengths(kinds)) block.add_kinds(run);
}

// ---- from columns
// ---------------------------------------------------------------------------------------------------

struct Cursors {
  int scaled = 0, real = 0, text = 0;
};

Result<Value> take_value(const DataBlock& block, Kind kind, std::uint32_t decimals, Cursors& at) {
  const auto ran_out = [] { return fail(Fault::bad_input, "a column of values ends early"); };
  switch (kind) {
    case Kind::none: return Value{};
    case Kind::no: return Value{false};
    case Kind::yes: return Value{true};
    case Kind::integer:
      if (at.scaled == block.scaled_size()) return ran_out();
      return Value{std::int64_t{block.scaled(at.scaled++)}};
    case Kind::decimal:
      if (at.scaled == block.scaled_size()) return ran_out();
      return Value{unscaled(block.scaled(at.scaled++), decimals)};
    case Kind::real:
      if (at.real == block.real_size()) return ran_out();
      return Value{block.real(at.real++)};
    case Kind::text:
      if (at.text == block.text_size()) return ran_out();
      return Value{block.text(at.text++)};
  }
  return ran_out();
}

Status take_quality(Reading& reading, std::uint8_t byte) {
  if (byte <= static_cast<std::uint8_t>(Quality::uncertain)) {
    reading.quality = static_cast<Quality>(byte);
    return {};
  }
  reading.quality = Quality::bad;
  if (byte == bad_without_fault) return {};
  const int fault = byte - bad_without_fault - 1;
  if (fault > static_cast<int>(Fault::newer_version)) return fail(Fault::bad_input, "an unknown quality");
  reading.fault = static_cast<Fault>(fault);
  return {};
}

Status check_columns(const DataBlock& block) {
  const auto size = static_cast<std::size_t>(block.id_delta_size());
  const auto fits = [&](std::size_t column) { return column == 0 || column == size; };
  if (size == 0 || size > most_readings) return fail(Fault::bad_input, "a block of no or too many readings");
  if (static_cast<std::size_t>(block.time_delta_ms_size()) != size ||
      block.points_size() > block.id_delta_size() || block.decimals_size() != block.points_size() ||
      (block.shared_size() != 0 && block.shared_size() != block.points_size()) ||
      !fits(block.quality().size()) || !fits(block.clocks().size()) ||
      !fits(static_cast<std::size_t>(block.mono_delta_ms_size())) ||
      block.sourced_size() != block.source_ms_size())
    return fail(Fault::bad_input, "columns of different length");
  return {};
}

Status take_sources(const DataBlock& block, std::vector<Reading>& readings) {
  for (int i = 0; i < block.sourced_size(); ++i) {
    if (block.sourced(i) >= readings.size()) return fail(Fault::bad_input, "a source time of no reading");
    Reading& reading = readings[block.sourced(i)];
    reading.t_source = utc_of(wrapping_plus(utc_ms(reading.t_gateway.utc), block.source_ms(i)));
  }
  return {};
}

Result<std::vector<PointId>> take_points(const DataBlock& block) {
  std::vector<PointId> points;
  std::string name;
  for (int i = 0; i < block.points_size(); ++i) {
    const std::uint32_t shared = block.shared_size() == 0 ? 0 : block.shared(i);
    if (shared > name.size()) return fail(Fault::bad_input, "a name repeats more than there is");
    name.resize(shared);
    name += block.points(i);
    const auto id = parse_point_id(name);  // bounds its length
    if (!id) return id.error();
    points.push_back(*id);
  }
  return points;
}

// Point, time and quality of each reading; the values come after.
Result<std::vector<Reading>> take_frames(const DataBlock& block, std::vector<std::uint32_t>& decimals) {
  const auto points = take_points(block);
  if (!points) return points.error();
  std::vector<Reading> readings;
  std::int64_t index = 0, utc = block.base_ms(), mono = block.base_mono_ms();
  const auto clock_of = [](unsigned quality) {
    return quality > 2 ? ClockQuality::unsynchronised : static_cast<ClockQuality>(quality);
  };
  for (int i = 0; i < block.id_delta_size(); ++i) {
    index += block.id_delta(i);
    if (index < 0 || index >= block.points_size()) return fail(Fault::bad_input, "a reading of no point");
    utc = wrapping_plus(utc, block.time_delta_ms(i));
    const bool own_steps = block.mono_delta_ms_size() != 0;
    mono = wrapping_plus(mono, own_steps ? block.mono_delta_ms(i) : block.time_delta_ms(i));
    if (mono > largest_mono_ms || mono < -largest_mono_ms)
      return fail(Fault::bad_input, "an impossible time");
    Reading reading{(*points)[static_cast<std::size_t>(index)], {}, Quality::good, {}, {}, {}};
    reading.t_gateway = {MonoTime{std::chrono::milliseconds{mono}}, utc_of(utc), block.boot(),
                         clock_of(block.clocks().empty() ? block.clock_quality()
                                                         : static_cast<std::uint8_t>(
                                                               block.clocks()[static_cast<std::size_t>(i)]))};
    if (!block.quality().empty()) {
      const Status good =
          take_quality(reading, static_cast<std::uint8_t>(block.quality()[static_cast<std::size_t>(i)]));
      if (!good) return good.error();
    }
    decimals.push_back(block.decimals(static_cast<int>(index)));
    readings.push_back(std::move(reading));
  }
  return readings;
}

Result<std::vector<Reading>> readings_of(const DataBlock& block) {
  if (const Status good = check_columns(block); !good) return good.error();
  std::vector<std::uint32_t> decimals;
  auto readings = take_frames(block, decimals);
  if (!readings) return readings;
  const auto kinds = from_runs({block.kinds().begin(), block.kinds().end()}, readings->size());
  if (!kinds) return kinds.error();
  Cursors at;
  for (std::size_t i = 0; i < readings->size(); ++i) {
    const auto value = take_value(block, (*kinds)[i], decimals[i], at);
    if (!value) return value.error();
    (*readings)[i].value = *value;
  }
  if (const Status good = take_sources(block, *readings); !good) return good.error();
  return readings;
}

}  // namespace

Bytes encode_block(const std::vector<Reading>& readings) {
  DataBlock block;
  if (!readings.empty()) {
    put_points(block, readings);
    put_times(block, readings);
    put_quality(block, readings);
    put_values(block, readings);
  }
  const Bytes plain = to_bytes(block);
  const auto packed = compress(plain);
  Bytes body;
  bytes::Writer out(body);
  out.u8(packed ? zstd_block : plain_block);
  if (packed) out.u32_le(static_cast<std::uint32_t>(plain.size()));
  out.raw(packed ? *packed : plain);
  return body;
}

Result<std::vector<Reading>> decode_block(ByteView body) {
  bytes::Reader in(body);
  const std::uint8_t form = in.u8();
  if (!in.ok() || form > zstd_block) return fail(Fault::bad_input, "a block of unknown form");
  Bytes plain;
  if (form == zstd_block) {
    const std::uint32_t size = in.u32_le();
    const auto unpacked = decompress(in.rest(), size);
    if (!in.ok() || !unpacked) return fail(Fault::bad_input, "damaged compressed block");
    plain = *unpacked;
  }
  DataBlock block;
  if (!parse(form == zstd_block ? ByteView(plain) : in.rest(), block))
    return fail(Fault::bad_input, "no DataBlock");
  return readings_of(block);
}

}  // namespace tocsin::wire
