#include "sync/outbox/migrations.h"

namespace tocsin::outbox {

Status check_version(std::int64_t user_version) {
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (user_version <= known) return {};
  return fail(Fault::newer_version, "schema " + std::to_string(user_version) +
                                        " is of a newer program; this one knows " + std::to_string(known));
}

Status migrate(Db& db) {
  const Result<std::int64_t> version = db.integer("PRAGMA user_version");
  if (!version) return version.error();
  if (Status known = check_version(*version); !known) return known;
  const auto target = static_cast<std::int64_t>(migrations.size());
  for (std::int64_t next = *version; next < target; ++next) {
    Transaction transaction(db);
    if (Status begun = transaction.begin(); !begun) return begun;
    const std::string sql(migrations[static_cast<std::size_t>(next)]);
    if (Status done = db.run(sql); !done) return done;
    if (Status done = db.run("PRAGMA user_version=" + std::to_string(next + 1)); !done) return done;
    if (Status done = transaction.commit(); !done) return done;
  }
  return {};
}

}  // namespace tocsin::outbox
