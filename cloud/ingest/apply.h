#pragma once
// What one commit of the aggregator does to the store: records, alarms and the city's log in one transaction.
// Runs on the store thread.

#include <string>
#include <vector>

#include "cloud/alarms/alarm.h"
#include "cloud/store/store.h"
#include "sync/session/ingest.h"

namespace tocsin::cloud {

struct GatewayContext {
  std::string gateway;
  Site site;
};

// What the transaction changed, for whoever listens on the Asio thread.
struct Applied {
  bool conflict = false;               // an id came again with another body
  std::vector<std::string> documents;  // of alarms that changed, for operators
  std::size_t undecodable =
      0;  // records of lane alarm that no program can read; they are stored all the same
};

Applied apply_records(Store& store, const GatewayContext& context, const session::StoreRecords& records,
                      UtcTime now);
Applied apply_now(Store& store, const GatewayContext& context, const session::ApplyNow& news, UtcTime now);
void apply_identity(Store& store, const std::string& gateway, const session::StoreIdentity& identity);

// An alarm that the cloud raises or ends by itself: gateway silence, identity conflict. Nothing happens when
// it is so already.
struct OwnAlarm {
  alarm::Key key;
  bool active = false;
  std::string reason;
};
Applied apply_own(Store& store, const GatewayContext& context, const OwnAlarm& own, UtcTime now);

// Saves the alarm and, when it concerns the city, appends to its log.
void publish(Store& store, Alarm alarm, bool news, UtcTime now, Applied& applied);

}  // namespace tocsin::cloud
