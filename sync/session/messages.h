#pragma once
// The small messages of the uplink as plain structs; frames are in sync/wire/frame.h.

#include <map>
#include <vector>

#include "core/result/result.h"
#include "sync/session/uplink.h"
#include "sync/wire/lane.h"

namespace tocsin::session {

struct HelloMessage {
  std::uint64_t epoch = 0, previous_epoch = 0, db_nonce = 0, session_nonce = 0, boot = 0;
  std::string software;
  std::map<Lane, LaneState> lanes;  // `acked` is not sent
  std::vector<OpenAlarm> active;
  bool active_complete = true;  // false: too many alarms for one frame
  std::uint64_t desired_version = 0;
  std::uint64_t term = 0;
};
Bytes encode(const HelloMessage& hello);
Result<HelloMessage> decode_hello(ByteView payload);

struct ResumeMessage {
  std::uint64_t term = 0, epoch = 0;
  std::map<Lane, std::uint64_t> watermarks;
  bool restored = false;
  std::uint64_t session_nonce = 0;
};
Bytes encode(const ResumeMessage& resume);
Result<ResumeMessage> decode_resume(ByteView payload);

struct AckMessage {
  std::uint64_t term = 0, epoch = 0;
  Lane lane{};
  std::uint64_t upto = 0;
};
Bytes encode(const AckMessage& ack);
Result<AckMessage> decode_ack(ByteView payload);

struct AliveMessage {
  std::uint64_t boot = 0, epoch = 0;
  MonoTime mono{};
  UtcTime utc{};
  std::uint32_t clock_quality = 0;
  std::map<Lane, LaneState> lanes;
};
Bytes encode(const AliveMessage& alive);
Result<AliveMessage> decode_alive(ByteView payload);

struct NowMessage {
  std::uint64_t epoch = 0, seq = 0;
  Bytes body;
};
Bytes encode(const NowMessage& now);
Result<NowMessage> decode_now(ByteView payload);  // Fault::crc: the body does not fit its checksum

}  // namespace tocsin::session
