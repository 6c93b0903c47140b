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
  bool news = false;                          // alarms have changed: the desk and the streams have work
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

// Whether the city is told: when the alarm concerns it or it was told before, in any case, not at all.
enum class Tell : std::uint8_t { concerned, city, insiders };

// Saves an alarm that has changed, tells the desk and the streams, and perhaps the city. `calls`: it was
// raised, has risen or is back.
void publish_change(Store& store, Alarm alarm, UtcTime now, Applied& applied, bool calls = false,
                    Tell tell = Tell::concerned);

// An alarm whose source is the cloud itself, as a record of epoch 0, which no gateway can have.
void append_own_record(Store& store, const Place& of, const alarm::Transition& transition, UtcTime now,
                       Applied& applied);

}  // namespace tocsin::cloud
