#include "cloud/app/desk_link.h"

#include <memory>
#include <utility>

namespace tocsin::cloud {

DeskLink::DeskLink(const DeskSettings& settings, StoreThread& store, DeskPorts ports)
    : settings_(settings), store_(store), ports_(std::move(ports)) {}

void DeskLink::on_news() {
  wanted_ = true;
  turn();
}

void DeskLink::on_tick() {
  if (wanted_ || (due_ && *due_ <= ports_.wall())) turn();
}

void DeskLink::turn() {
  if (busy_) return;
  const auto outcome = std::make_shared<DeskOutcome>();
  busy_ = store_.submit(
      Urgency::alarm,
      [this, outcome, silent = ports_.silent(), now = ports_.wall()](Store& store) {
        *outcome = run_desk(store, settings_, silent, now);  // settings never change
      },
      [this, outcome](const Status& status) { on_done(status, *outcome); });
  wanted_ = !busy_;
}

void DeskLink::on_done(const Status& status, const DeskOutcome& outcome) {
  busy_ = false;
  if (!status) {
    wanted_ = true;  // the next tick tries again
    return ports_.warn("desk", to_string(status.error()));
  }
  due_ = outcome.next_due;
  for (const Alarm& alarm : outcome.clocked) clock_.add(alarm);
  if (!outcome.applied.told.empty()) ports_.told(outcome.applied.told);
  if (outcome.applied.news) ports_.news();
  for (const std::string& webhook : outcome.targets) ports_.send(webhook);
  if (wanted_ || outcome.more) turn();
}

}  // namespace tocsin::cloud
