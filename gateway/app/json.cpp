#include "gateway/app/json.h"

#include <boost/json/array.hpp>

namespace tocsin::gateway {
namespace {

namespace json = boost::json;

json::value value_json(const Value& value) {
  if (const auto* b = std::get_if<bool>(&value)) return *b;
  if (const auto* i = std::get_if<std::int64_t>(&value)) return *i;
  if (const auto* d = std::get_if<double>(&value)) return *d;
  if (const auto* s = std::get_if<std::string>(&value)) return json::string(*s);
  return nullptr;
}

json::value time_json(UtcTime time) {
  if (time == UtcTime{}) return nullptr;
  return json::string(to_rfc3339(time));
}

std::string_view state_of(const alarm::Record& record, bool acked) {
  if (record.bits.disabled) return "disabled";
  if (record.bits.out_of_service) return "out-of-service";
  if (record.bits.active) return acked ? "acknowledged" : "unacknowledged";
  if (record.bits.latched) return "latched";
  return "returned-unacknowledged";
}

json::array effects_json(const flow::Building& building, const std::string& alarm_id) {
  json::array effects;
  for (const auto& [name, view] : building.effects()) {
    if (view.alarm_id != alarm_id) continue;
    json::value outcome = nullptr;
    if (view.outcome) outcome = json::string(flow::name_of(*view.outcome));
    effects.push_back(
        {{"effect", name}, {"desired", view.word}, {"outcome", outcome}, {"at", time_json(view.at.utc)}});
  }
  return effects;
}

json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

}  // namespace

json::object reading_json(const Config& config, const Reading& reading) {
  const auto device = config.devices.find(reading.id.device);
  const auto* spec =
      device == config.devices.end() ? nullptr : device->second.spec.profile->find(reading.id.point);
  json::object line{{"point", to_string(reading.id)},
                    {"value", value_json(reading.value)},
                    {"unit", spec == nullptr ? json::value(nullptr) : text_or_null(spec->unit)},
                    {"quality", quality_text(reading)},
                    {"time", time_json(reading.t_gateway.utc)}};
  if (reading.t_source) line["source_time"] = time_json(*reading.t_source);
  if (spec != nullptr) {
    line["label"] = spec->label;
    if (const auto* raw = std::get_if<std::int64_t>(&reading.value))
      if (const auto word = spec->states.find(*raw); word != spec->states.end()) line["state"] = word->second;
  }
  return line;
}

json::object alarm_json(const Config& config, const flow::Building& building, const alarm::Record& record,
                        const AlarmClock& clock) {
  const bool acked = building.acknowledged(record.alarm_id);
  const auto zone = config.zones.find(record.zone);
  const auto& site = config.site;
  const Hops* hops = clock.find(record.alarm_id);
  json::array cause;
  for (const auto& point : record.cause) cause.push_back(json::string(point));
  json::value threshold = nullptr;
  if (record.threshold) threshold = *record.threshold;
  json::object times{{"source", record.t_source ? time_json(*record.t_source) : nullptr},
                     {"detected", time_json(record.raised_at.utc)},
                     {"stored", hops != nullptr ? time_json(hops->stored) : nullptr},
                     {"sent", hops != nullptr && hops->sent ? time_json(*hops->sent) : nullptr},
                     {"cloud", hops != nullptr && hops->acked ? time_json(*hops->acked) : nullptr},
                     {"feed", nullptr}};
  return {{"schema", "tocsin/alarm/1"},
          {"alarm_id", record.alarm_id},
          {"feed_epoch", nullptr},
          {"feed_seq", nullptr},
          {"gateway", config.id},
          {"site",
           {{"adcode", site.adcode},
            {"community", site.community},
            {"building", site.building},
            {"floor", text_or_null(zone == config.zones.end() ? "" : zone->second.floor)},
            {"zone", text_or_null(record.zone)},
            {"lat", site.lat},
            {"lon", site.lon}}},
          {"device", record.key.device},
          {"point", record.key.point},
          {"rule", record.key.rule},
          {"class", std::string(name_of(record.cls))},
          {"stage", text_or_null(std::string(name_of(record.stage)))},
          {"severity", severity_of(record.cls, record.stage)},
          {"state", std::string(state_of(record, acked))},
          {"bits",
           {{"active", record.bits.active},
            {"latched", record.bits.latched},
            {"acked", acked},
            {"disabled", record.bits.disabled},
            {"test", record.bits.test},
            {"out_of_service", record.bits.out_of_service}}},
          {"count", record.count},
          {"shelved_until", nullptr},
          {"assigned", nullptr},
          {"value", value_json(record.value)},
          {"unit", text_or_null(record.unit)},
          {"threshold", threshold},
          {"cause", cause},
          {"times", times},
          {"effects", effects_json(building, record.alarm_id)},
          {"reason", text_or_null(record.reason)}};
}

json::array clock_json(const AlarmClock& clock) {
  json::array hops;
  for (const HopTimes& hop : clock.times())
    hops.push_back({{"hop", hop.hop},
                    {"count", hop.count},
                    {"p50_ms", hop.p50_ms},
                    {"p99_ms", hop.p99_ms},
                    {"max_ms", hop.max_ms}});
  return hops;
}

json::object uplink_json(const session::UplinkStatus& status) {
  json::value oldest = nullptr;
  if (status.oldest_unacked_alarm) oldest = to_ms(*status.oldest_unacked_alarm);
  return {{"connected", status.connected}, {"resumed", status.resumed},
          {"term", status.term},           {"oldest_unacked_alarm_ms", oldest},
          {"rejected", status.rejected},   {"last_problem", text_or_null(status.last_problem)}};
}

std::vector<session::OpenAlarm> open_alarms(const flow::Building& building) {
  std::vector<session::OpenAlarm> open;
  for (const auto& record : building.open()) {
    if (!record.bits.active) continue;
    open.push_back({record.alarm_id, record.key.device, record.key.point, record.key.rule,
                    std::string(name_of(record.cls)), std::string(name_of(record.stage))});
  }
  return open;
}

}  // namespace tocsin::gateway
