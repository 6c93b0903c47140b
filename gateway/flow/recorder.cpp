#include "gateway/flow/recorder.h"

namespace tocsin::flow {

std::uint64_t Recorder::alarm_record(Bytes body, Step& step) {
  const std::uint64_t seq = ++numbering_.alarm_head;
  step.change.records.emplace_back(wire::Lane::alarm, wire::Record{seq, std::move(body), {}});
  return seq;
}

void Recorder::transition(alarm::Transition& transition, alarm::Machine& machine, const std::string& floor,
                          Step& step) {
  const bool raises = transition.change == alarm::Change::raised;
  const std::uint64_t seq = alarm_record(wire::encode_change(transition, floor), step);
  if (raises) {
    transition.alarm_id = wire::alarm_id(numbering_.gateway, numbering_.epoch, seq);
    machine.bind(transition.key, transition.alarm_id);
    step.raised.push_back(transition.alarm_id);
  }
  if (transition.change == alarm::Change::closed) step.closed.push_back(transition.alarm_id);
  const bool new_danger = raises || transition.change == alarm::Change::stage_rose;
  if (new_danger && alarm::is_urgent(transition)) step.urgent.push_back(seq);
}

void Recorder::effect(const wire::EffectReport& report, Step& step) {
  alarm_record(wire::encode_effect(report), step);
}

void Recorder::event(const wire::EventReport& report, const Stamp& at, Step& step) {
  const std::uint64_t seq = ++numbering_.event_head;
  step.change.records.emplace_back(wire::Lane::event, wire::Record{seq, wire::encode_event(report, at), {}});
}

}  // namespace tocsin::flow
