#pragma once
// Numbers what happens and writes it down for the outbox: the only producer of lanes alarm and event. Pure.

#include <map>
#include <string>
#include <vector>

#include "core/alarm/machine.h"
#include "gateway/flow/step.h"
#include "sync/wire/codec.h"

namespace tocsin::flow {

struct Numbering {
  std::string gateway;
  std::uint64_t epoch = 0;
  std::uint64_t alarm_head = 0, event_head = 0;  // highest seq given so far
};

class Recorder {
 public:
  explicit Recorder(Numbering numbering) : numbering_(std::move(numbering)) {}

  // Gives the transition its seq, and a raised one its alarm_id, which is bound in the machine as well.
  void transition(alarm::Transition& transition, alarm::Machine& machine, const std::string& floor,
                  Step& step);
  void effect(const wire::EffectReport& report, Step& step);
  void event(const wire::EventReport& report, const Stamp& at, Step& step);

 private:
  std::uint64_t alarm_record(Bytes body, Step& step);

  Numbering numbering_;
};

}  // namespace tocsin::flow
