#include "core/linkage/state_codec.h"

#include <algorithm>
#include <vector>

#include "core/bytes/checksum.h"

namespace tocsin::linkage {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t flag_active = 1, flag_latched = 2;
constexpr std::size_t checksum_size = 4;
constexpr std::int64_t longest =
    std::int64_t{100} * 365 * 24 * 3600 * 1'000'000'000;  // ns: no uptime is longer

void put(bytes::Writer& out, const std::string& text) {
  out.u8(static_cast<std::uint8_t>(text.size()));  // names are at most 48 bytes
  out.raw({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void put(bytes::Writer& out, const Cause& cause) {
  out.u8(static_cast<std::uint8_t>(cause.kind));
  put(out, cause.zone);
  put(out, cause.device);
}

std::string get_text(bytes::Reader& in) {
  const ByteView text = in.take(in.u8());
  return {text.begin(), text.end()};
}

std::optional<Cause> get_cause(bytes::Reader& in) {
  const std::uint8_t kind = in.u8();
  if (kind > static_cast<std::uint8_t>(CauseKind::loss)) return std::nullopt;
  Cause cause{.kind = static_cast<CauseKind>(kind), .zone = get_text(in), .device = get_text(in)};
  return in.ok() ? std::optional(std::move(cause)) : std::nullopt;
}

bool plausible(Duration time) {
  return time.count() >= -longest && time.count() <= longest;
}

Error damaged() {
  return fail(Fault::storage, "the stored memory of the linkage matrix is damaged");
}

// The rows that drive `effect` from one cause, in order: a pulse is stored by its place among them.
std::vector<std::size_t> rows_of(const Matrix& matrix, const Cause& cause, const std::string& effect) {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < matrix.rows.size(); ++r) {
    const Row& row = matrix.rows[r];
    if (row.when == cause && std::find(row.then.begin(), row.then.end(), effect) != row.then.end())
      rows.push_back(r);
  }
  return rows;
}

std::uint16_t put_pulses(bytes::Writer& out, const Memory& memory, const Matrix& matrix) {
  std::uint16_t count = 0;
  for (const auto& [row, effect] : memory.pulses_done) {
    if (row >= matrix.rows.size()) continue;
    const std::vector<std::size_t> rows = rows_of(matrix, matrix.rows[row].when, effect);
    put(out, matrix.rows[row].when);
    put(out, effect);
    out.u8(static_cast<std::uint8_t>(std::find(rows.begin(), rows.end(), row) - rows.begin()));
    ++count;
  }
  return count;
}

}  // namespace

Bytes encode(const Memory& memory, const Matrix& matrix, std::uint64_t boot, MonoTime now) {
  Bytes pulses;
  bytes::Writer pulse_out(pulses);
  const std::uint16_t pulse_count = put_pulses(pulse_out, memory, matrix);

  Bytes data;
  bytes::Writer out(data);
  out.u8(version);
  out.u64_le(boot);
  out.u64_le(static_cast<std::uint64_t>(now.time_since_epoch().count()));
  out.u16_le(static_cast<std::uint16_t>(memory.causes.size()));
  out.u16_le(pulse_count);
  for (const auto& [cause, state] : memory.causes) {
    put(out, cause);
    out.u8(static_cast<std::uint8_t>((state.active ? flag_active : 0) | (state.latched ? flag_latched : 0)));
    out.u64_le(static_cast<std::uint64_t>((now - state.since).count()));
  }
  out.raw(pulses);
  out.u32_le(bytes::crc32c(data));
  return data;
}

Result<Memory> decode(ByteView data, const Matrix& matrix, std::uint64_t boot, MonoTime now) {
  if (data.empty()) return damaged();
  if (data[0] > version)
    return fail(Fault::newer_version, "the linkage memory was written by a newer version");
  if (data.size() <= checksum_size || data[0] != version) return damaged();
  const ByteView body = data.first(data.size() - checksum_size);
  if (bytes::Reader(data.last(checksum_size)).u32_le() != bytes::crc32c(body)) return damaged();

  bytes::Reader in(body.subspan(1));
  const bool same_boot = in.u64_le() == boot;
  const MonoTime written{Duration{static_cast<std::int64_t>(in.u64_le())}};
  if (!plausible(written.time_since_epoch())) return damaged();
  const MonoTime reference = same_boot ? written : now;
  const std::uint16_t cause_count = in.u16_le(), pulse_count = in.u16_le();
  Memory memory;
  for (unsigned i = 0; i < cause_count; ++i) {
    const auto cause = get_cause(in);
    const std::uint8_t flags = in.u8();
    const Duration elapsed{static_cast<std::int64_t>(in.u64_le())};
    if (!cause || !in.ok() || !plausible(elapsed)) return damaged();
    memory.causes[*cause] = {.active = (flags & flag_active) != 0,
                             .latched = (flags & flag_latched) != 0,
                             .since = reference - elapsed};
  }
  for (unsigned i = 0; i < pulse_count; ++i) {
    const auto cause = get_cause(in);
    const std::string effect = get_text(in);
    const std::uint8_t place = in.u8();
    if (!cause || !in.ok()) return damaged();
    const std::vector<std::size_t> rows = rows_of(matrix, *cause, effect);
    if (place < rows.size()) memory.pulses_done.emplace(rows[place], effect);
  }
  if (in.remaining() != 0) return damaged();
  return memory;
}

}  // namespace tocsin::linkage
