#include "sync/wire/codec.h"
#include "sync/wire/message.h"
#include "sync/wire/text.h"

namespace tocsin::wire {
namespace {

struct PutReport {
  EventBody& body;

  void operator()(const DeviceReport& report) const {
    DeviceEvent& out = *body.mutable_device();
    out.set_device(clean_text(report.device));
    out.set_kind(clean_text(report.kind));
    out.set_detail(clean_text(report.detail));
  }
  void operator()(const EvictionReport& report) const {
    Eviction& out = *body.mutable_eviction();
    out.set_lane(to_wire(report.lane));
    out.set_from(report.from);
    out.set_to(report.to);
    out.set_count(report.count);
    out.set_why(clean_text(report.why));
  }
  void operator()(const AnswerReport& report) const {
    CommandAnswer& out = *body.mutable_answer();
    out.set_id(report.command_id.data(), report.command_id.size());
    out.set_outcome(clean_text(report.outcome));
    out.set_detail(clean_text(report.detail));
    out.set_refusal(clean_text(report.refusal));
    out.set_desired_version(report.desired_version);
  }
  void operator()(const DesiredReport& report) const { body.set_desired_version(report.version); }
};

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

}  // namespace

Bytes encode_event(const EventReport& report, const Stamp& at) {
  EventBody body;
  put(*body.mutable_at(), at);
  std::visit(PutReport{body}, report);
  return to_bytes(body);
}

Result<DecodedEventBody> decode_event_body(ByteView data) {
  EventBody body;
  if (!parse(data, body)) return fail(Fault::bad_input, "no EventBody");
  const Stamp at = stamp_of(body.at());
  switch (body.kind_case()) {
    case EventBody::kDevice:
      return DecodedEventBody{
          DeviceReport{body.device().device(), body.device().kind(), body.device().detail()}, at};
    case EventBody::kEviction: {
      const Eviction& lost = body.eviction();
      const auto lane = lane_of(lost.lane());
      if (!lane || lost.from() > lost.to())
        return fail(Fault::bad_input, "an eviction of no lane or no records");
      return DecodedEventBody{EvictionReport{*lane, lost.from(), lost.to(), lost.count(), lost.why()}, at};
    }
    case EventBody::kAnswer: {
      const CommandAnswer& answer = body.answer();
      return DecodedEventBody{AnswerReport{bytes_of(answer.id()), answer.outcome(), answer.detail(),
                                           answer.refusal(), answer.desired_version()},
                              at};
    }
    case EventBody::kDesiredVersion: return DecodedEventBody{DesiredReport{body.desired_version()}, at};
    case EventBody::KIND_NOT_SET: break;
  }
  return fail(Fault::unsupported, "an event of a kind this version does not know");
}

}  // namespace tocsin::wire
