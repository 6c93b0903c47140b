#include "cloud/alarms/document.h"

#include <boost/json.hpp>

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

json::value time_or_null(const std::optional<UtcTime>& time) {
  return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value number_or_null(const std::optional<double>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::value json_of(const Value& value) {
  if (const auto* b = std::get_if<bool>(&value)) return *b;
  if (const auto* i = std::get_if<std::int64_t>(&value)) return *i;
  if (const auto* d = std::get_if<double>(&value)) return *d;
  if (const auto* s = std::get_if<std::string>(&value)) return json::value(*s);
  return nullptr;
}

json::object site_of(const Alarm& a) {
  return {{"adcode", a.site.adcode},          {"community", a.site.community},
          {"building", a.site.building},      {"floor", text_or_null(a.floor)},
          {"zone", text_or_null(a.zone)},     {"lat", number_or_null(a.site.lat)},
          {"lon", number_or_null(a.site.lon)}};
}

json::object bits_of(const Alarm& a) {
  return {{"active", a.bits.active}, {"latched", a.bits.latched},
          {"acked", a.acked},        {"disabled", a.bits.disabled},
          {"test", a.bits.test},     {"out_of_service", a.bits.out_of_service}};
}

json::object times_of(const Times& t) {
  return {{"source", time_or_null(t.source)}, {"detected", to_rfc3339(t.detected)},
          {"stored", to_rfc3339(t.stored)},   {"sent", to_rfc3339(t.sent)},
          {"cloud", to_rfc3339(t.cloud)},     {"feed", to_rfc3339(t.feed)}};
}

json::array effects_of(const Alarm& a) {
  json::array effects;
  for (const Effect& e : a.effects)
    effects.push_back({{"effect", e.effect},
                       {"desired", e.desired},
                       {"outcome", text_or_null(e.outcome)},
                       {"at", to_rfc3339(e.at)}});
  return effects;
}

// The city hears the role; "operator:1a2b3c4d" names a token of the community.
json::object confirmed_of(const Confirmation& confirmed, Audience audience) {
  const std::string role = confirmed.who.substr(0, confirmed.who.find(':'));
  return {{"by", audience == Audience::city ? role : confirmed.who}, {"at", to_rfc3339(confirmed.at)}};
}

json::object document_of(const Alarm& a, Audience audience) {
  json::object doc;
  doc["schema"] = "tocsin/alarm/1";
  doc["alarm_id"] = a.id;
  doc["feed_epoch"] = a.feed ? json::value(a.feed->epoch) : json::value(nullptr);
  doc["feed_seq"] = a.feed ? json::value(a.feed->seq) : json::value(nullptr);
  doc["gateway"] = a.gateway;
  doc["site"] = site_of(a);
  doc["device"] = a.key.device;
  doc["point"] = a.key.point;
  doc["rule"] = a.key.rule;
  doc["class"] = name_of(a.cls);
  doc["stage"] = text_or_null(name_of(told_stage(a)));
  doc["severity"] = severity_of(a.cls, told_stage(a));
  doc["state"] = state_of(a);
  doc["bits"] = bits_of(a);
  doc["count"] = a.count;
  doc["shelved_until"] = time_or_null(a.shelved_until);
  doc["assigned"] =
      a.assigned && audience == Audience::operators ? json::value(*a.assigned) : json::value(nullptr);
  doc["value"] = json_of(a.value);
  doc["unit"] = text_or_null(a.unit);
  doc["threshold"] = number_or_null(a.threshold);
  doc["cause"] = json::array(a.cause.begin(), a.cause.end());
  doc["times"] = times_of(a.times);
  doc["effects"] = effects_of(a);
  if (a.identity_conflict) doc["identity_conflict"] = true;
  if (a.confirmed) doc["confirmed"] = confirmed_of(*a.confirmed, audience);
  return doc;
}

// ---- reading back: value_to and at() throw; from_document turns that into an Error ----

std::string text_at(const json::object& from, std::string_view name) {
  const json::value& value = from.at(name);
  return value.is_null() ? std::string() : json::value_to<std::string>(value);
}

std::optional<double> number_at(const json::object& from, std::string_view name) {
  const json::value& value = from.at(name);
  return value.is_null() ? std::nullopt : std::optional(value.to_number<double>());
}

std::optional<UtcTime> time_at(const json::object& from, std::string_view name) {
  const std::string text = text_at(from, name);
  return text.empty() ? std::nullopt : std::optional(from_rfc3339(text).value());
}

Value value_of(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_int64()) return value.get_int64();
  if (value.is_number()) return value.to_number<double>();
  if (value.is_string()) return json::value_to<std::string>(value);
  return {};
}

void read_place_and_bits(const json::object& doc, Alarm& a) {
  const json::object& site = doc.at("site").as_object();
  a.site = {text_at(site, "adcode"), text_at(site, "community"), text_at(site, "building"),
            number_at(site, "lat"), number_at(site, "lon")};
  a.floor = text_at(site, "floor");
  a.zone = text_at(site, "zone");
  const json::object& bits = doc.at("bits").as_object();
  a.bits = {bits.at("active").as_bool(), bits.at("latched").as_bool(), bits.at("disabled").as_bool(),
            bits.at("test").as_bool(), bits.at("out_of_service").as_bool()};
  a.acked = bits.at("acked").as_bool();
  a.closed = text_at(doc, "state") == "closed";
}

void read_times_and_effects(const json::object& doc, Alarm& a) {
  const json::object& times = doc.at("times").as_object();
  a.times = {time_at(times, "source"),         time_at(times, "detected").value(),
             time_at(times, "stored").value(), time_at(times, "sent").value(),
             time_at(times, "cloud").value(),  time_at(times, "feed").value()};
  for (const json::value& item : doc.at("effects").as_array()) {
    const json::object& e = item.as_object();
    a.effects.push_back(
        {text_at(e, "effect"), text_at(e, "desired"), text_at(e, "outcome"), time_at(e, "at").value()});
  }
}

Alarm alarm_of(const json::object& doc) {
  Alarm a;
  a.id = text_at(doc, "alarm_id");
  a.gateway = text_at(doc, "gateway");
  if (!doc.at("feed_seq").is_null())
    a.feed = FeedMark{doc.at("feed_epoch").to_number<std::uint64_t>(),
                      doc.at("feed_seq").to_number<std::uint64_t>()};
  a.key = {text_at(doc, "device"), text_at(doc, "point"), text_at(doc, "rule")};
  a.cls = alarm_class(text_at(doc, "class")).value();
  a.stage = stage_of(text_at(doc, "stage")).value_or(Stage::none);
  a.count = doc.at("count").to_number<std::uint32_t>();
  a.shelved_until = time_at(doc, "shelved_until");
  if (!doc.at("assigned").is_null()) a.assigned = text_at(doc, "assigned");
  a.value = value_of(doc.at("value"));
  a.unit = text_at(doc, "unit");
  a.threshold = number_at(doc, "threshold");
  a.cause = json::value_to<std::vector<std::string>>(doc.at("cause"));
  a.identity_conflict = doc.contains("identity_conflict");
  if (const json::value* confirmed = doc.if_contains("confirmed"))
    a.confirmed =
        Confirmation{text_at(confirmed->as_object(), "by"), time_at(confirmed->as_object(), "at").value()};
  read_place_and_bits(doc, a);
  read_times_and_effects(doc, a);
  return a;
}

}  // namespace

std::string to_document(const Alarm& alarm, Audience audience) {
  return json_text(document_of(alarm, audience));
}

Result<Alarm> from_document(std::string_view text) {
  try {
    return alarm_of(json::parse(text).as_object());
  } catch (const std::exception& e) {  // every misfit of Boost.JSON and every empty optional ends here
    return fail(Fault::bad_input, std::string("no alarm document: ") + e.what());
  }
}

}  // namespace tocsin::cloud
