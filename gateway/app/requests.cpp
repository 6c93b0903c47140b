#include "gateway/app/requests.h"

#include <algorithm>

#include <boost/json/array.hpp>

#include "gateway/app/clock.h"
#include "gateway/app/daemon.h"
#include "gateway/app/json.h"
#include "gateway/app/storage_answers.h"
#include "gateway/control/request.h"

namespace tocsin::gateway {
namespace {

namespace json = boost::json;
using Request = json::object;
using ReplyPtr = std::shared_ptr<control::Reply>;
using control::minutes_of;
using control::text_of;

void answer(const ReplyPtr& reply, const json::object& line) {
  reply->send(line);
  reply->finish();
}

void refuse(const ReplyPtr& reply, const Error& error) {
  answer(reply, {{"error", error.detail.empty() ? to_string(error) : error.detail},
                 {"fault", std::string(name_of(error.fault))}});
}

json::object bus_json(const bus::BusHealth& health) {
  json::array devices;
  for (const auto& device : health.devices)
    devices.push_back({{"device", device.device},
                       {"online", device.online},
                       {"good", device.good},
                       {"timeouts", device.timeouts},
                       {"crc", device.crc},
                       {"exceptions", device.exceptions},
                       {"late", device.late},
                       {"wrong", device.wrong},
                       {"retries", device.retries},
                       {"answer_p50_ms", static_cast<double>(device.answer_p50.count()) / 1e6},
                       {"answer_p99_ms", static_cast<double>(device.answer_p99.count()) / 1e6},
                       {"last_error", device.last_error}});
  json::array misses;
  for (const auto& miss : health.deadline_misses) misses.push_back(json::string(miss));
  return {{"bus", health.bus},
          {"open", health.open},
          {"last_error", health.last_error},
          {"devices", devices},
          {"deadline_misses", misses}};
}

json::object store_json(const outbox::StoreHealth& health) {
  json::value error = nullptr;
  if (health.failing) error = json::string(to_string(health.last_error));
  return {{"failing", health.failing}, {"error", error}, {"queued", health.queued}};
}

json::array effects_json(const Daemon& daemon, const flow::Building& building) {
  json::array effects;
  for (const auto& effect : daemon.config().matrix.effects) {
    json::value now = nullptr;
    if (effect.feedback) {
      const auto reading = building.readings().find(*effect.feedback);
      if (reading != building.readings().end() && reading->second.quality != Quality::bad)
        if (const auto level = as_bool(reading->second.value))
          now = json::string(*level ? effect.word_on : effect.word_off);
    }
    const auto view = building.effects().find(effect.name);
    json::value outcome = nullptr, wanted = nullptr;
    if (view != building.effects().end()) {
      wanted = json::string(view->second.word);
      if (view->second.outcome) outcome = json::string(flow::name_of(*view->second.outcome));
    }
    effects.push_back({{"effect", effect.name},
                       {"zone", effect.zone},
                       {"desired", wanted},
                       {"feedback", now},
                       {"outcome", outcome}});
  }
  return effects;
}

json::object meters_json(const meter::Counts& counts) {
  return {{"held_back", counts.held_back},
          {"dropped", counts.dropped},
          {"changes", counts.changes},
          {"days", counts.days}};
}

json::object orders_json(const flow::Building& building) {
  json::object refused;
  const auto& counts = building.intake().counts();
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts.at(i) != 0)
      refused[std::string(command::name_of(static_cast<command::Refusal>(i)))] = counts.at(i);
  return {{"keys", building.intake().keys().size()},
          {"under_way", building.commands_under_way()},
          {"desired_version", building.desired_version()},
          {"refused", refused}};
}

void status(Daemon& daemon, const Request&, const control::Peer&, const ReplyPtr& reply) {
  json::array buses;
  for (const auto& [name, bus] : daemon.buses()) buses.push_back(bus_json(bus->health()));
  json::array lanes;
  for (const auto lane : wire::lanes) {
    const auto state = daemon.uplink().lane(lane);
    lanes.push_back({{"lane", std::string(name_of(lane))},
                     {"head", state.head},
                     {"acked", state.acked},
                     {"waiting", state.head - std::min(state.head, state.acked)}});
  }
  auto uplink = uplink_json(daemon.uplink().status());
  uplink["broker"] = daemon.uplink().broker();
  json::array lost;
  for (const auto& device : daemon.building().lost()) lost.push_back(json::string(device));
  answer(reply, {{"gateway", daemon.config().id},
                 {"version", TOCSIN_VERSION},
                 {"uptime_s",
                  std::chrono::duration_cast<std::chrono::seconds>(mono_now() - daemon.started_at()).count()},
                 {"clock", clock_quality() == ClockQuality::synchronised ? "synchronised" : "unsynchronised"},
                 {"open_alarms", daemon.building().open_count()},
                 {"silenced", daemon.building().silenced()},
                 {"devices", daemon.config().devices.size()},
                 {"lost", lost},
                 {"uplink", uplink},
                 {"store", store_json(daemon.store_health())},
                 {"lanes", lanes},
                 {"meters", meters_json(daemon.meter_counts())},
                 {"orders", orders_json(daemon.building())},
                 {"effects", effects_json(daemon, daemon.building())},
                 {"buses", buses}});
}

void alarms(Daemon& daemon, const Request&, const control::Peer&, const ReplyPtr& reply) {
  json::array items;
  for (const auto& record : daemon.building().open())
    items.push_back(alarm_json(daemon.config(), daemon.building(), record, daemon.alarm_clock()));
  answer(reply, {{"items", items}, {"next", nullptr}, {"clock", clock_json(daemon.alarm_clock())}});
}

// What was answered as done survives a kill: the answer waits for the commit. A disk that takes nothing must
// not keep a person from acting; the answer says so then.
void perform_and_answer(Daemon& daemon, flow::Step step, const std::string& done, const ReplyPtr& reply) {
  if (daemon.store_health().failing) {
    daemon.perform(std::move(step));
    return answer(reply,
                  {{"done", done},
                   {"warning", "alarm.db cannot be written (" + to_string(daemon.store_health().last_error) +
                                   "): a restart before it can would undo this"}});
  }
  daemon.perform(std::move(step), [done, reply] { answer(reply, {{"done", done}}); });
}

void finish_act(Daemon& daemon, Result<flow::Step> step, const std::string& done, const ReplyPtr& reply) {
  if (!step) return refuse(reply, step.error());
  perform_and_answer(daemon, std::move(*step), done, reply);
}

// A fire that came three times within a minute is held for up to another: its zone is reset in part.
bool fire_is_held(const flow::Building& building, const std::string& zone) {
  const auto open = building.open();
  return std::any_of(open.begin(), open.end(),
                     [&](const alarm::Record& record) { return record.key == flow::confirmed_key(zone); });
}

void reset(Daemon& daemon, const Request& request, const control::Peer& peer, const ReplyPtr& reply) {
  const auto zone = text_of(request, "zone");
  const auto id = text_of(request, "alarm_id");
  if (zone.empty())
    return finish_act(daemon, daemon.building().reset_alarm(id, peer.name, stamp_now()),
                      "alarm " + id + " reset", reply);
  auto step = daemon.building().reset_zone(zone, peer.name, stamp_now());
  if (!step) return refuse(reply, step.error());
  const auto refused =
      fail(Fault::refused, "the detectors of zone " + zone +
                               " are reset, its fire stays open: it came three times within a minute and is "
                               "held for up to another; reset again then");
  if (!fire_is_held(daemon.building(), zone))
    return perform_and_answer(daemon, std::move(*step), "zone " + zone + " reset", reply);
  daemon.perform(std::move(*step));
  refuse(reply, refused);
}

// `tocsin write`: a person on site decides; only the release of an escape door and gas come before.
void write(Daemon& daemon, const Request& request, const control::Peer& peer, const ReplyPtr& reply) {
  const auto target = text_of(request, "target");
  const auto& matrix = daemon.config().matrix;
  const auto* effect = command::find_effect(matrix, target);
  if (effect == nullptr) effect = command::find_effect(matrix, "effect/" + target);
  if (effect == nullptr)
    return refuse(reply, fail(Fault::not_found, "no effect has the name or output '" + target +
                                                    "'; `tocsin status` lists them"));
  std::optional<bool> level;
  const auto word = text_of(request, "word");
  if (!request.contains("release")) {
    level = command::level_of(*effect, word);
    if (!level)
      return refuse(reply, fail(Fault::bad_input, "found '" + word + "', expected " +
                                                      command::words_of(*effect) + " for " + effect->name));
    const auto obstacle = daemon.building().obstacle(*effect, {*level, linkage::Owner::manual}, mono_now());
    if (!obstacle.empty()) return refuse(reply, fail(Fault::refused, obstacle));
  }
  finish_act(daemon, daemon.building().hold(effect->name, level, peer.name, stamp_now()),
             level ? effect->name + " held " + word + " by hand until given back with --release"
                   : effect->name + " given back",
             reply);
}

void acknowledge(Daemon& daemon, const Request& request, const control::Peer& peer, const ReplyPtr& reply) {
  const auto id = text_of(request, "alarm_id");
  finish_act(daemon, daemon.building().acknowledge(id, peer.name, stamp_now()),
             "alarm " + id + " acknowledged", reply);
}

void silence(Daemon& daemon, const Request&, const control::Peer& peer, const ReplyPtr& reply) {
  finish_act(daemon, daemon.building().silence(peer.name, stamp_now()),
             "annunciators silenced until the next alarm", reply);
}

void disable(Daemon& daemon, const Request& request, const control::Peer& peer, const ReplyPtr& reply) {
  const auto device = text_of(request, "device");
  finish_act(daemon,
             daemon.building().disable(device, minutes_of(request), peer.name, text_of(request, "reason"),
                                       stamp_now()),
             "device " + device + " disabled; it is shown and reported all the while", reply);
}

void enable(Daemon& daemon, const Request& request, const control::Peer& peer, const ReplyPtr& reply) {
  const auto device = text_of(request, "device");
  finish_act(daemon, daemon.building().enable(device, peer.name, stamp_now()),
             "device " + device + " enabled", reply);
}

void walk_test(Daemon& daemon, const Request& request, const control::Peer& peer, const ReplyPtr& reply) {
  const auto zone = text_of(request, "zone");
  const Duration time = minutes_of(request);
  const auto wanted = time > 0s ? std::optional(time) : std::nullopt;
  finish_act(
      daemon, daemon.building().walk_test(zone, wanted, peer.name, stamp_now()),
      "zone " + zone + (wanted ? " in test: its alarms are marked and not sent to the city" : " out of test"),
      reply);
}

void read(Daemon& daemon, const Request& request, const control::Peer&, const ReplyPtr& reply) {
  const auto device = text_of(request, "device");
  const auto point = text_of(request, "point");
  auto* bus = daemon.bus_of(device);
  if (bus == nullptr)
    return refuse(reply, fail(Fault::not_found, "no device '" + device + "'; `tocsin status` lists them"));
  if (!point.empty() && daemon.config().devices.at(device).spec.profile->find(point) == nullptr)
    return refuse(reply, fail(Fault::not_found, "device " + device + " has no point '" + point + "'"));
  bus->read(device, [&daemon, point, reply](Result<std::vector<Reading>> readings) {
    if (!readings) return refuse(reply, readings.error());
    json::array items;
    for (const auto& reading : *readings)
      if (point.empty() || reading.id.point == point) items.push_back(reading_json(daemon.config(), reading));
    answer(reply, {{"items", items}, {"next", nullptr}});
  });
}

void watch(Daemon& daemon, const Request&, const control::Peer&, const ReplyPtr& reply) {
  for (const auto& [id, reading] : daemon.building().readings())
    reply->send(reading_json(daemon.config(), reading));
  daemon.add_watcher(reply);
}

void bus_health(Daemon& daemon, const Request& request, const control::Peer&, const ReplyPtr& reply) {
  const auto device = text_of(request, "device");
  const auto* only = daemon.bus_of(device);
  if (!device.empty() && only == nullptr)
    return refuse(reply, fail(Fault::not_found, "no device '" + device + "'; `tocsin bus` lists them"));
  json::array items;
  for (const auto& [name, bus] : daemon.buses()) {
    if (only != nullptr && bus.get() != only) continue;
    auto health = bus->health();
    if (only != nullptr) std::erase_if(health.devices, [&](const auto& one) { return one.device != device; });
    auto line = bus_json(health);
    if (request.contains("trace")) {
      json::array trace;
      for (const auto& frame : bus->trace(device)) trace.push_back(json::string(frame));
      line["trace"] = trace;
    }
    items.push_back(line);
  }
  answer(reply, {{"gateway", daemon.config().id}, {"items", items}, {"next", nullptr}});
}

void buffer(Daemon& daemon, const Request&, const control::Peer&, const ReplyPtr& reply) {
  answer_buffer(daemon, reply);
}

void ledger(Daemon& daemon, const Request&, const control::Peer&, const ReplyPtr& reply) {
  answer(reply, ledger_json(daemon));
}

using Answer = void (*)(Daemon&, const Request&, const control::Peer&, const ReplyPtr&);
const std::map<std::string, Answer> answers{
    {"status", status},   {"alarms", alarms},   {"reset", reset},    {"ack", acknowledge},
    {"silence", silence}, {"disable", disable}, {"enable", enable},  {"walktest", walk_test},
    {"read", read},       {"watch", watch},     {"bus", bus_health}, {"buffer", buffer},
    {"ledger", ledger},   {"write", write}};

}  // namespace

control::Handler make_handler(Daemon& daemon) {
  return [&daemon](const Request& request, const control::Peer& peer, const ReplyPtr& reply) {
    const auto found = answers.find(text_of(request, "op"));
    if (found == answers.end())
      return refuse(reply, fail(Fault::unsupported, "this daemon does not know this request"));
    found->second(daemon, request, peer, reply);
  };
}

}  // namespace tocsin::gateway
