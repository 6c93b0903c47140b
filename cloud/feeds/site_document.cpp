#include "cloud/feeds/site_document.h"

#include <boost/json.hpp>

#include "cloud/alarms/document.h"

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}
json::value number_or_null(const std::optional<double>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}
json::array list_of(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

}  // namespace

std::string site_topic(const SiteRecord& site) {
  return "city/" + site.adcode + "/" + site.community + "/" + site.building + "/site";
}

std::string site_document(const SiteRecord& site) {
  return json_text(json::object{{"schema", "tocsin/site/1"},
                                {"adcode", site.adcode},
                                {"community", site.community},
                                {"building", site.building},
                                {"address", text_or_null(site.address)},
                                {"phone", text_or_null(site.phone)},
                                {"entrances", list_of(site.entrances)},
                                {"hydrants", list_of(site.hydrants)},
                                {"hazards", list_of(site.hazards)},
                                {"plan_url", text_or_null(site.plan_url)},
                                {"lat", number_or_null(site.lat)},
                                {"lon", number_or_null(site.lon)}});
}

}  // namespace tocsin::cloud
