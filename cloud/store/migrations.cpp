#include "cloud/store/migrations.h"

namespace tocsin::cloud {

// Times are UTC milliseconds; epochs are 64-bit patterns stored as SQLite's signed integers.
const std::array<const char*, 4> migrations{
    R"sql(
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE gateway (
  id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, db_nonce INTEGER NOT NULL,
  identity_conflict INTEGER NOT NULL, software TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE watermark (
  gateway TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, upto INTEGER NOT NULL,
  PRIMARY KEY (gateway, epoch, lane)) WITHOUT ROWID;

CREATE TABLE record (
  gateway TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,
  stored INTEGER NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (gateway, epoch, lane, seq));
-- A body that came under the id of another record.
CREATE TABLE clash (
  gateway TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,
  stored INTEGER NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (gateway, epoch, lane, seq, body));
CREATE TABLE gap (
  gateway TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL,
  from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, cause TEXT NOT NULL, booked INTEGER NOT NULL,
  PRIMARY KEY (gateway, epoch, lane, from_seq)) WITHOUT ROWID;

-- `document` is the alarm (docs/schemas/alarm.schema.json); the other columns only find it.
CREATE TABLE alarm (
  number INTEGER PRIMARY KEY AUTOINCREMENT, alarm_id TEXT NOT NULL UNIQUE, gateway TEXT NOT NULL,
  community TEXT NOT NULL, adcode TEXT NOT NULL, device TEXT NOT NULL, point TEXT NOT NULL, rule TEXT NOT NULL,
  class TEXT NOT NULL, open INTEGER NOT NULL, feed_seq INTEGER,
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, document TEXT NOT NULL);
CREATE INDEX open_alarm ON alarm (gateway, device, point, rule) WHERE open;
CREATE INDEX open_number ON alarm (number) WHERE open;

CREATE TABLE feed_head (adcode TEXT PRIMARY KEY, head INTEGER NOT NULL, published INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE feed (
  adcode TEXT NOT NULL, seq INTEGER NOT NULL, alarm_id TEXT NOT NULL, topic TEXT NOT NULL, closed INTEGER NOT NULL,
  body TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (adcode, seq));
CREATE INDEX feed_created ON feed (created);

CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
  subject TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL);
)sql",
    // Half the pages that one alarm writes: no hidden row numbers beside
    // the keys, one index of open alarms, none of the age of entries.
    R"sql(
CREATE TABLE record_2 (
  gateway TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,
  stored INTEGER NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (gateway, epoch, lane, seq)) WITHOUT ROWID;
INSERT INTO record_2 SELECT * FROM record;
DROP TABLE record;
ALTER TABLE record_2 RENAME TO record;

-- No AUTOINCREMENT: the newest alarm is never removed, so no number comes twice.
CREATE TABLE alarm_2 (
  number INTEGER PRIMARY KEY, alarm_id TEXT NOT NULL UNIQUE, gateway TEXT NOT NULL,
  community TEXT NOT NULL, adcode TEXT NOT NULL, device TEXT NOT NULL, point TEXT NOT NULL, rule TEXT NOT NULL,
  class TEXT NOT NULL, open INTEGER NOT NULL, feed_seq INTEGER,
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, document TEXT NOT NULL);
INSERT INTO alarm_2 SELECT * FROM alarm;
DROP TABLE alarm;
ALTER TABLE alarm_2 RENAME TO alarm;
CREATE INDEX open_alarm ON alarm (gateway) WHERE open;

CREATE TABLE feed_2 (
  adcode TEXT NOT NULL, seq INTEGER NOT NULL, alarm_id TEXT NOT NULL, topic TEXT NOT NULL, closed INTEGER NOT NULL,
  created INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (adcode, seq)) WITHOUT ROWID;
INSERT INTO feed_2 SELECT adcode, seq, alarm_id, topic, closed, created, body FROM feed;
DROP TABLE feed;
ALTER TABLE feed_2 RENAME TO feed;
)sql",
    // The desk: changes to be looked at, calls that wait for an answer, messages to webhooks.
    R"sql(
CREATE TABLE news (
  number INTEGER PRIMARY KEY AUTOINCREMENT, alarm_id TEXT NOT NULL, community TEXT NOT NULL,
  calls INTEGER NOT NULL, created INTEGER NOT NULL, document TEXT NOT NULL);
CREATE TABLE call (
  alarm_id TEXT PRIMARY KEY, opened INTEGER NOT NULL, step INTEGER NOT NULL, due INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX call_due ON call (due);
CREATE TABLE notice (
  number INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, alarm_id TEXT NOT NULL, urgent INTEGER NOT NULL,
  call INTEGER NOT NULL, created INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
  unclear INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX notice_order ON notice (target, urgent DESC, number);
)sql",
    R"sql(
-- Orders to gateways. `document` is the order as the API shows it; the other columns only find it.
CREATE TABLE remote_order (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, gateway TEXT NOT NULL, open INTEGER NOT NULL,
  document TEXT NOT NULL);
CREATE INDEX open_order ON remote_order (number) WHERE open;
CREATE INDEX order_gateway ON remote_order (gateway, number);
)sql"};

}  // namespace tocsin::cloud
