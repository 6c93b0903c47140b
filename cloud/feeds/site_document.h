#pragma once
// What the emergency centre must know of a building before it arrives (docs/schemas/site.schema.json). Pure.

#include <optional>
#include <string>
#include <vector>

namespace tocsin::cloud {

struct SiteRecord {
  std::string adcode, community, building;
  std::string address, phone;  // phone: of the control room
  std::vector<std::string> entrances, hydrants, hazards;
  std::string plan_url;
  std::optional<double> lat, lon;
};

std::string site_topic(const SiteRecord& site);     // city/<adcode>/<community>/<building>/site
std::string site_document(const SiteRecord& site);  // what is unknown is null or an empty list

}  // namespace tocsin::cloud
