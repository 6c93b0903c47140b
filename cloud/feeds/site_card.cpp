#include "cloud/feeds/site_card.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cloud/alarms/document.h"

namespace tocsin::cloud {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& from) {
  json::array out;
  for (const auto& text : from) out.push_back(json::string(text));
  return out;
}

}  // namespace

std::string site_topic(const SiteCard& card) {
  return "city/" + card.adcode + "/" + card.community + "/" + card.building + "/site";
}

std::string to_document(const SiteCard& card) {
  return json_text(json::object{
      {"schema", "tocsin/site/1"},
      {"adcode", card.adcode},
      {"community", card.community},
      {"building", card.building},
      {"address", card.address},
      {"phone", card.phone},
      {"entrances", texts(card.entrances)},
      {"hydrants", texts(card.hydrants)},
      {"hazards", texts(card.hazards)},
      {"plan_url", card.plan_url.empty() ? json::value(nullptr) : json::value(json::string(card.plan_url))}});
}

std::string to_document(const Heartbeat& heartbeat) {
  return json_text(json::object{{"schema", "tocsin/heartbeat/1"},
                                {"aggregator", heartbeat.aggregator},
                                {"alive", heartbeat.alive},
                                {"feed_epoch", heartbeat.feed_epoch},
                                {"feed_seq", heartbeat.feed_seq},
                                {"gateways", heartbeat.gateways},
                                {"silent", heartbeat.silent},
                                {"time", to_rfc3339(heartbeat.time)}});
}

}  // namespace tocsin::cloud
