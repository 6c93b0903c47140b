// [key.NAME]: who may order what from afar (design section 9).

#include <algorithm>

#include "core/bytes/hex.h"
#include "gateway/config/loader.h"

namespace tocsin::gateway {
namespace {

using config::Table;

void read_public_key(const Table& table, command::Key& key) {
  const std::string text = table.text("public");
  const auto bytes = bytes::from_hex(text);
  const bool good = bytes && bytes->size() == key.public_key.size();
  if (good)
    std::copy(bytes->begin(), bytes->end(), key.public_key.begin());
  else if (!text.empty())
    table.problem("public", "64 hex digits, as `tocsin-cloud key create` prints them");
}

command::Key read_key(const Loading& loading, const std::string& name, const Table& table) {
  table.only({"public", "may", "zones", "effects"});
  command::Key key;
  key.name = name;
  read_public_key(table, key);
  for (const auto& word : table.texts_or("may", {})) {
    if (const auto permission = command::permission_of(word))
      key.may.insert(*permission);
    else
      table.problem("may", "doors, valves-close, effects, reset, ack or desired; not '" + word + "'");
  }
  if (key.may.empty())
    table.problem("may", "at least one of doors, valves-close, effects, reset, ack, desired");
  for (const auto& zone : table.texts_or("zones", {})) {
    if (!loading.config.zones.contains(zone))
      table.problem("zones", "zones of this file; not '" + zone + "'");
    key.zones.insert(zone);
  }
  for (const auto& effect : table.texts_or("effects", {})) {
    const auto& all = loading.config.matrix.effects;
    if (std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.name == effect; }))
      table.problem("effects", "effects of this file; not '" + effect + "'");
    key.effects.insert(effect);
  }
  return key;
}

}  // namespace

void load_keys(Loading& loading, const Table& root) {
  for (const auto& [name, table] : root.tables("key")) {
    command::Key key = read_key(loading, name, table);
    for (const auto& [other, known] : loading.config.keys)
      if (known.public_key == key.public_key && table.has("public"))
        table.problem("public", "a key of its own: [key." + other + "] has the same");
    loading.config.keys.emplace(name, std::move(key));
  }
}

}  // namespace tocsin::gateway
