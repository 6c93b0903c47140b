#include "gateway/command/refusal.h"

#include <array>

namespace tocsin::command {

std::string_view name_of(Refusal refusal) {
  constexpr std::array<std::string_view, refusal_count> names{
      "retained",      "oversize",          "malformed",     "unknown-key",  "bad-signature", "foreign",
      "old-term",      "replayed",          "expired",       "from-future",  "lifetime",      "wrong-session",
      "stale-session", "unknown-operation", "unknown-point", "bad-argument", "out-of-scope",  "too-fast",
      "valve",         "fire-latched",      "overruled",     "old-version"};
  return names.at(static_cast<std::size_t>(refusal));
}

}  // namespace tocsin::command
