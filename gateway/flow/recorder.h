#pragma once
// Numbers what happens and writes it down for the outbox: the only producer of lanes alarm and event. Pure.

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

  // Gives each transition its seq (and a raised one its alarm_id, bound in the machine) and adds it to the step.
  void transitions(std::vector<alarm::Transition>& found, alarm::Machine& machine,
                   const std::map<std::string, std::string>& floors, Step& step);
  void effect(const wire::EffectReport& report, Step& step);
  void event(const wire::DeviceEventReport& report, Step& step);
  void body(wire::Lane lane, Bytes body, Step& step);

 private:
  Numbering numbering_;
};

}  // namespace tocsin::flow
