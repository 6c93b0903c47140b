#include "sync/session/messages.h"

#include "core/bytes/checksum.h"
#include "sync/wire/message.h"
#include "sync/wire/text.h"

namespace tocsin::session {
namespace {

using wire::clean_text;
using wire::parse;
using wire::to_bytes;

constexpr std::size_t room_for_alarms = 48 * 1024;  // bytes of a hello

template <class Message>
void put_lanes(Message& out, const std::map<Lane, LaneState>& lanes) {
  for (const auto& [lane, state] : lanes) {
    wire::LaneHead& head = *out.add_lanes();
    head.set_lane(wire::to_wire(lane));
    head.set_first(state.first);
    head.set_head(state.head);
  }
}

// A lane of a newer version is skipped.
template <class Message>
std::map<Lane, LaneState> lanes_of(const Message& in) {
  std::map<Lane, LaneState> lanes;
  for (const wire::LaneHead& head : in.lanes())
    if (const auto lane = wire::lane_of(head.lane())) lanes[*lane] = {head.first(), head.head(), 0};
  return lanes;
}

void put_alarms(wire::Hello& out, const std::vector<OpenAlarm>& active) {
  std::size_t bytes = 0;
  for (const OpenAlarm& alarm : active) {
    wire::ActiveAlarm one;
    one.set_alarm_id(alarm.alarm_id);
    one.set_device(alarm.device);
    one.set_point(alarm.point);
    one.set_rule(alarm.rule);
    one.set_alarm_class(alarm.alarm_class);
    one.set_stage(alarm.stage);
    bytes += one.ByteSizeLong() + 4;
    if (bytes > room_for_alarms) break;
    *out.add_active() = std::move(one);
  }
  out.set_active_total(static_cast<std::uint32_t>(active.size()));
}

}  // namespace

Bytes encode(const HelloMessage& hello) {
  wire::Hello out;
  out.set_epoch(hello.epoch);
  out.set_previous_epoch(hello.previous_epoch);
  out.set_db_nonce(hello.db_nonce);
  out.set_session_nonce(hello.session_nonce);
  out.set_boot(hello.boot);
  out.set_software(clean_text(hello.software));
  put_lanes(out, hello.lanes);
  put_alarms(out, hello.active);
  out.set_desired_version(hello.desired_version);
  out.set_term(hello.term);
  return to_bytes(out);
}

Result<HelloMessage> decode_hello(ByteView payload) {
  wire::Hello in;
  if (!parse(payload, in)) return fail(Fault::bad_input, "no Hello");
  if (in.epoch() == 0 || in.session_nonce() == 0)
    return fail(Fault::bad_input, "a hello without epoch or nonce");
  HelloMessage hello{in.epoch(), in.previous_epoch(),  in.db_nonce(), in.session_nonce(),
                     in.boot(),  in.software(),        lanes_of(in),  {},
                     true,       in.desired_version(), in.term()};
  for (const wire::ActiveAlarm& one : in.active())
    hello.active.push_back(
        {one.alarm_id(), one.device(), one.point(), one.rule(), one.alarm_class(), one.stage()});
  hello.active_complete = in.active_total() <= hello.active.size();
  return hello;
}

Bytes encode(const ResumeMessage& resume) {
  wire::Resume out;
  out.set_term(resume.term);
  out.set_epoch(resume.epoch);
  for (const auto& [lane, upto] : resume.watermarks) {
    wire::LaneWatermark& watermark = *out.add_lanes();
    watermark.set_lane(wire::to_wire(lane));
    watermark.set_upto(upto);
  }
  out.set_restored(resume.restored);
  out.set_session_nonce(resume.session_nonce);
  return to_bytes(out);
}

Result<ResumeMessage> decode_resume(ByteView payload) {
  wire::Resume in;
  if (!parse(payload, in) || in.term() == 0) return fail(Fault::bad_input, "no Resume");
  ResumeMessage resume{in.term(), in.epoch(), {}, in.restored(), in.session_nonce()};
  for (const wire::LaneWatermark& watermark : in.lanes())
    if (const auto lane = wire::lane_of(watermark.lane())) resume.watermarks[*lane] = watermark.upto();
  return resume;
}

Bytes encode(const AckMessage& ack) {
  wire::Ack out;
  out.set_term(ack.term);
  out.set_epoch(ack.epoch);
  out.set_lane(wire::to_wire(ack.lane));
  out.set_upto(ack.upto);
  return to_bytes(out);
}

Result<AckMessage> decode_ack(ByteView payload) {
  wire::Ack in;
  if (!parse(payload, in) || in.term() == 0) return fail(Fault::bad_input, "no Ack");
  const auto lane = wire::lane_of(in.lane());
  if (!lane) return fail(Fault::bad_input, "an ack of no lane");
  return AckMessage{in.term(), in.epoch(), *lane, in.upto()};
}

Bytes encode(const AliveMessage& alive) {
  wire::Alive out;
  out.set_boot(alive.boot);
  out.set_epoch(alive.epoch);
  out.set_mono_ms(to_ms(alive.mono.time_since_epoch()));
  out.set_utc_ms(wire::utc_ms(alive.utc));
  out.set_clock_quality(alive.clock_quality);
  put_lanes(out, alive.lanes);
  return to_bytes(out);
}

Result<AliveMessage> decode_alive(ByteView payload) {
  wire::Alive in;
  if (!parse(payload, in) || in.epoch() == 0) return fail(Fault::bad_input, "no Alive");
  constexpr std::int64_t longest = 9'000'000'000'000;  // ms; in nanoseconds it still fits 64 bits
  const MonoTime mono{std::chrono::milliseconds{std::clamp<std::int64_t>(in.mono_ms(), 0, longest)}};
  return AliveMessage{in.boot(),          in.epoch(),  mono, wire::utc_of(in.utc_ms()),
                      in.clock_quality(), lanes_of(in)};
}

Bytes encode(const NowMessage& now) {
  wire::Now out;
  out.set_epoch(now.epoch);
  out.set_seq(now.seq);
  out.set_body(now.body.data(), now.body.size());
  out.set_crc32c(bytes::crc32c(now.body));
  return to_bytes(out);
}

Result<NowMessage> decode_now(ByteView payload) {
  wire::Now in;
  if (!parse(payload, in) || in.epoch() == 0 || in.seq() == 0) return fail(Fault::bad_input, "no Now");
  const ByteView body = wire::as_bytes(in.body());
  if (bytes::crc32c(body) != in.crc32c()) return fail(Fault::crc, "the body does not fit its checksum");
  return NowMessage{in.epoch(), in.seq(), Bytes(body.begin(), body.end())};
}

}  // namespace tocsin::session
