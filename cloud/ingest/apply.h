#pragma once
// What arrives from a gateway becomes records, alarms and feed entries. These functions run on the store
// thread, inside one transaction: all of it is committed or nothing is, and done twice it is done once.

#include <string>
#include <vector>

#include "cloud/alarms/fold.h"
#include "cloud/store/store.h"
#include "sync/session/ingest.h"

namespace tocsin::cloud {

struct Applied {
  bool conflict = false;  // a record came again with another body
  std::uint64_t unreadable =
      0;  // records of lane alarm that no alarm could be read from; stored all the same
  std::map<wire::Lane, std::uint64_t> fresh;  // records that were not known yet
  std::vector<FeedEntry> told;                // new entries of the cities' logs, in their order
};

// One gateway as the configuration knows it.
struct Place {
  std::string gateway;
  Site site;
};

Applied apply_records(Store& store, const Place& from, const session::StoreRecords& batch, UtcTime now);
Applied apply_now(Store& store, const Place& from, const session::ApplyNow& message, UtcTime now);

// Raises or closes the silence alarm of a gateway.
Applied apply_silence(Store& store, const Place& of, bool silent, UtcTime now);

// After a hello: closes what an earlier database of the gateway left open and its present one, `epoch`, does
// not know.
Applied apply_active(Store& store, const Place& of, std::uint64_t epoch,
                     const std::vector<std::string>& active, UtcTime now);

// Tells the city of what nobody has answered in time.
Applied apply_escalation(Store& store, UtcTime now);

// Saves an alarm that has changed, and tells the city when it concerns the city or the city was told before.
void publish_change(Store& store, Alarm alarm, UtcTime now, Applied& applied);

}  // namespace tocsin::cloud
