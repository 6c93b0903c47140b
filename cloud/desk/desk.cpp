#include "cloud/desk/desk.h"

#include <boost/json.hpp>

#include "cloud/alarms/document.h"
#include "cloud/api/audit.h"
#include "cloud/desk/clock_alarm.h"

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

constexpr std::size_t most_news = 64;  // of one run: alarms that arrive do not wait behind the desk for long
constexpr std::size_t most_calls = 64;
const std::string position_setting = "desk_position";
const std::string desk_name = "desk";  // `who` of what the program does by itself

class Run {
 public:
  Run(Store& store, const DeskSettings& settings, const std::set<std::string>& silent, UtcTime now)
      : store_(store), settings_(settings), silent_(silent), now_(now) {}

  DeskOutcome run() {
    read_news();
    const auto due = store_.calls_due(now_, most_calls);
    for (const CallRow& row : due) take_call(row);
    out_.more = out_.more || out_.applied.news || due.size() == most_calls;
    out_.next_due = store_.next_call();
    return std::move(out_);
  }

 private:
  void read_news() {
    std::uint64_t position = desk_position(store_);
    const auto news = store_.news(position, most_news);
    for (const NewsEntry& entry : news) {
      if (auto alarm = from_document(entry.document)) take_news(entry, *alarm);
      position = entry.number;
    }
    if (!news.empty()) store_.set_setting(position_setting, std::to_string(position));
    out_.more = news.size() == most_news;
  }

  void take_news(const NewsEntry& entry, const Alarm& alarm) {
    if (const auto feed = settings_.feeds.find(entry.community); feed != settings_.feeds.end())
      for (const std::string& target : feed->second) send(target, alarm, entry.document);
    if (entry.calls) {
      out_.clocked.push_back(alarm);
      note_breach(store_, settings_.places, alarm, now_, out_.applied);
    }
    keep(alarm.id, on_change(alarm, store_.call(alarm.id), entry.calls, now_));
  }

  void take_call(const CallRow& row) {
    auto alarm = store_.alarm(row.alarm_id);
    if (!alarm) return store_.remove_call(row.alarm_id);
    static const Duty nobody;
    const auto found = settings_.duty.find(alarm->site.community);
    const Duty& duty = found == settings_.duty.end() ? nobody : found->second;
    const CallPlan plan = on_due(*alarm, row, duty, silent_.contains(alarm->gateway), now_);
    keep(row.alarm_id, plan);
    for (const std::size_t i : plan.tell) tell(duty.contacts[i], *alarm);
    if (plan.forward && !zone_is_confirmed(*alarm)) forward(*alarm);
    if (plan.unshelve) unshelve(*alarm);
  }

  void keep(const std::string& alarm_id, const CallPlan& plan) {
    if (plan.call)
      store_.save_call(*plan.call);
    else
      store_.remove_call(alarm_id);
  }

  // A message of a feed: the change itself.
  void send(const std::string& target, const Alarm& alarm, const std::string& document) {
    add_notice(target, alarm, false,
               R"({"schema":"tocsin/notice/1","kind":"change","alarm":)" + document + "}");
  }

  // A call to one who is on duty. The audit line is in its body: who keeps the message keeps a witness of the
  // audit.
  void tell(const Contact& contact, const Alarm& alarm) {
    const AuditEntry line = append_to_audit(
        store_, {0, now_, desk_name, "call", alarm.id, contact.name + " by " + contact.webhook, {}});
    const json::object witness{{"number", line.number}, {"hash", line.hash}};
    add_notice(contact.webhook, alarm, true,
               R"({"schema":"tocsin/notice/1","kind":"call","contact":)" +
                   json_text(json::value(contact.name)) + R"(,"audit":)" + json_text(witness) +
                   R"(,"alarm":)" + to_document(alarm, Audience::operators) + "}");
  }

  void add_notice(const std::string& target, const Alarm& alarm, bool call, std::string body) {
    Notice notice;
    notice.target = target;
    notice.alarm_id = alarm.id;
    notice.urgent = is_life_safety(alarm.cls);
    notice.call = call;
    notice.created = notice.due = now_;
    notice.body = std::move(body);
    store_.add_notice(notice);
    out_.targets.insert(target);
  }

  // The city knows of the fire in this zone already.
  bool zone_is_confirmed(const Alarm& alarm) {
    const alarm::Key confirmed{"zone/" + alarm.zone, "fire", "confirmed"};
    return alarm.cls == AlarmClass::fire && store_.open_alarm(alarm.gateway, confirmed).has_value();
  }

  void forward(Alarm& alarm) {
    append_to_audit(store_, {0, now_, desk_name, "forward", alarm.id, "nobody answered for 180 s", {}});
    publish_change(store_, std::move(alarm), now_, out_.applied, false, Tell::city);
  }

  // ISA-18.2: an alarm that leaves the shelf with its cause present is announced anew.
  void unshelve(Alarm& alarm) {
    append_to_audit(store_, {0, now_, desk_name, "unshelve", alarm.id, "its time was over", {}});
    alarm.shelved_until.reset();
    const bool calls = alarm.bits.active || alarm.bits.latched;
    if (calls) alarm.acked = false;
    publish_change(store_, std::move(alarm), now_, out_.applied, calls);
  }

  Store& store_;
  const DeskSettings& settings_;
  const std::set<std::string>& silent_;
  UtcTime now_;
  DeskOutcome out_;
};

}  // namespace

DeskOutcome run_desk(Store& store, const DeskSettings& settings, const std::set<std::string>& silent,
                     UtcTime now) {
  return Run(store, settings, silent, now).run();
}

std::uint64_t desk_position(Store& store) {
  const auto text = store.setting(position_setting);
  return text ? std::stoull(*text) : 0;
}

}  // namespace tocsin::cloud
