// What survives a restart: one row per key. Layout: version, stamp of writing, the fields of
// persist_head(), those of the watch when there is one, CRC-32C of everything before it.

#include "core/alarm/archive.h"
#include "core/alarm/machine_impl.h"
#include "core/bytes/checksum.h"

namespace tocsin::alarm {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t crc_size = 4;
constexpr Duration longest_downtime = 24h * 366;  // more is a wrong clock

template <class Archive, class Self>
void persist_head(Archive& archive, Self& entry) {
  archive.member(entry.origin, Origin::walk_test);
  archive.member(entry.subject.cls, AlarmClass::disabled);
  archive.text(entry.subject.zone);
  archive.flag(entry.subject.latching);
  archive.member(entry.subject.latch_from, Stage::confirmed);
  archive.duration(entry.subject.off_delay);
  archive.flag(entry.declared.active);
  archive.member(entry.declared.stage, Stage::confirmed);
  archive.text(entry.declared.reason);
  archive.optional(entry.until, [&](auto& until) { archive.time(until); });
  std::remove_cvref_t<decltype(entry.life)>::persist(archive, entry.life);
}

// How long the gateway was down: known within one boot, and over a reboot when both clocks could be trusted.
Duration downtime(const Stamp& saved, const Stamp& now) {
  const bool is_clock_good =
      saved.clock == ClockQuality::synchronised && now.clock == ClockQuality::synchronised;
  Duration down{};
  if (saved.boot == now.boot) {
    down = now.mono - saved.mono;
  } else if (is_clock_good) {
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(longest_downtime);
    down = std::min(now.utc - saved.utc, limit);
  }
  return std::max(down, Duration{});
}

bool is_blank(const Entry& entry, MonoTime now) {
  return entry.life.is_blank(now) && !entry.until && (!entry.watch || entry.watch->is_blank());
}

}  // namespace

Status Machine::Impl::load(const Key& key, ByteView body, const Stamp& now) {
  Loader loader(body);
  loader.tag(version);
  Stamp saved;
  loader.stamp(saved);
  const Duration listening = now.mono - saved.mono;
  loader.shift_times(listening - downtime(saved, now), listening);
  Entry stored;
  persist_head(loader, stored);
  bool has_watch = false;
  loader.flag(has_watch);
  if (!loader.ok()) return fail(Fault::storage, "the row of " + to_text(key) + " makes no sense");
  stored.life.rename(key);

  if (!started) last = now;
  Entry& entry = entries[key];
  if (entry.watch) {
    entry.life = std::move(stored.life);
    Watch watch(entry.watch->rule());
    if (has_watch) Watch::persist(loader, watch);
    // Of a rule whose conditions changed only the record is kept; the next reading decides.
    if (loader.ok() && loader.remaining() == 0) entry.watch = std::move(watch);
  } else {
    adopt(entry, std::move(stored), key, now.mono);
  }
  open.follow(entry);
  schedule(entry);
  reconcile_at = now.mono;
  return {};
}

// An entry that no configured rule owns.
void Machine::Impl::adopt(Entry& entry, Entry stored, const Key& key, MonoTime now) {
  stored.subject.key = key;
  stored.scheduled = entry.scheduled;
  stored.dirty = entry.dirty;
  entry = std::move(stored);
  if (entry.origin == Origin::rule) entry.until = now;  // its rule is gone: the next tick ends it
  if (!entry.declared.active) return;
  if (entry.origin == Origin::disablement) disabled[key.device] = &entry;
  if (entry.origin == Origin::walk_test) tested[entry.subject.zone] = &entry;
}

std::vector<std::string> Machine::dirty() {
  std::vector<std::string> keys;
  for (Entry* entry : impl_->to_save) {
    entry->dirty = false;
    keys.push_back(to_text(entry->subject.key));
  }
  impl_->to_save.clear();
  return keys;
}

Bytes Machine::state_of(const std::string& key) const {
  Bytes row;
  const auto parsed = key_from(key);
  const auto place = parsed ? impl_->entries.find(*parsed) : impl_->entries.end();
  if (place == impl_->entries.end() || is_blank(place->second, impl_->last.mono)) return row;
  Saver saver(row);
  saver.tag(version);
  saver.stamp(impl_->last);
  persist_head(saver, place->second);
  const bool has_watch = place->second.watch.has_value();
  saver.flag(has_watch);
  if (has_watch) Watch::persist(saver, *place->second.watch);
  bytes::Writer(row).u32_le(bytes::crc32c(row));
  return row;
}

Status Machine::restore(const std::string& key, ByteView state, const Stamp& now) {
  const auto parsed = key_from(key);
  if (!parsed) return fail(Fault::bad_input, "'" + key + "' is no DEVICE/POINT/RULE");
  if (state.size() <= crc_size) return fail(Fault::storage, "the row of " + key + " is too short");
  const ByteView body = state.first(state.size() - crc_size);
  if (bytes::Reader(state.last(crc_size)).u32_le() != bytes::crc32c(body))
    return fail(Fault::storage, "the checksum of " + key + " is wrong");
  if (body[0] > version)
    return fail(Fault::newer_version, "the row of " + key + " is of version " + std::to_string(body[0]));
  return impl_->load(*parsed, body, now);
}

}  // namespace tocsin::alarm
