-- Numbers about the file: epoch, previous_epoch, db_nonce (64 bits, stored as signed), floor.<lane>.
-- floor.<lane> is the highest seq that must not be used again although no row shows it.
-- `lost` is the sentence of what an earlier file lost, until a commit has followed it.
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value NOT NULL
) WITHOUT ROWID;

-- One table per lane, so that seq is the row's address: reading on, deleting and counting are ranges.
-- stored: UTC ms. crc: CRC-32C over lane, seq, stored and body.
CREATE TABLE alarm (seq INTEGER PRIMARY KEY, stored INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE event (seq INTEGER PRIMARY KEY, stored INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE data  (seq INTEGER PRIMARY KEY, stored INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL);

-- What the cloud had committed, by the hour (UTC) in which we heard it: old rows are removed by it, and the highest
-- upto is the lane's watermark. crc: over lane, hour and upto.
CREATE TABLE acked (
  lane INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  upto INTEGER NOT NULL,
  crc  INTEGER NOT NULL,
  PRIMARY KEY (lane, hour)
) WITHOUT ROWID;

-- Alarm states, latches, pulses, command journal: as of the same transaction as the records. crc: over kind, key, body.
CREATE TABLE state (
  kind TEXT NOT NULL,
  key  TEXT NOT NULL,
  crc  INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;
