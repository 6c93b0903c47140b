#include "gateway/cli/ledger_compare.h"

#include <algorithm>

#include <boost/json/array.hpp>

namespace tocsin::cli {
namespace {

namespace json = boost::json;

std::uint64_t number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  boost::system::error_code error;
  const auto number = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

std::string string_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::vector<json::object> objects_at(const json::object& object, std::string_view key) {
  std::vector<json::object> found;
  const auto* list = object.if_contains(key);
  if (list == nullptr || !list->is_array()) return found;
  for (const auto& item : list->as_array())
    if (item.is_object()) found.push_back(item.as_object());
  return found;
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

std::string problem_of(const LaneAgreement& lane) {
  if (lane.upto > lane.accepted)
    return "the cloud has " + std::to_string(lane.upto - lane.accepted) +
           " more than this database ever had: is it an older copy?";
  if (lane.acked > lane.upto)
    return "the cloud lacks " + std::to_string(lane.acked - lane.upto) +
           " that it acknowledged: was it restored without --restored?";
  return {};
}

void add_gaps(const json::object& from, const std::string& where, const std::string& own_epoch,
              std::vector<Gap>& gaps) {
  for (const auto& gap : objects_at(from, "gaps")) {
    const std::string epoch = string_at(gap, "epoch");
    gaps.push_back({where, epoch.empty() ? own_epoch : epoch, string_at(gap, "lane"), string_at(gap, "cause"),
                    number_at(gap, "from"), number_at(gap, "to")});
  }
}

}  // namespace

bool Comparison::agree() const {
  const bool lanes_agree =
      std::all_of(lanes.begin(), lanes.end(), [](const LaneAgreement& lane) { return lane.problem.empty(); });
  return lanes_agree &&
         std::none_of(gaps.begin(), gaps.end(), [](const Gap& gap) { return gap.lane == "alarm"; });
}

Comparison compare(const json::object& gateway, const json::object& cloud) {
  Comparison result;
  const std::string epoch = string_at(gateway, "epoch");
  const json::object* epochs = object_at(cloud, "watermarks");
  const json::object* marks = epochs != nullptr ? object_at(*epochs, epoch) : nullptr;
  for (const auto& local : objects_at(gateway, "lanes")) {
    LaneAgreement lane{
        string_at(local, "lane"), number_at(local, "accepted"), number_at(local, "acked"), 0, {}};
    lane.upto = cloud.empty() ? lane.acked : marks != nullptr ? number_at(*marks, lane.lane) : 0;
    lane.problem = problem_of(lane);
    if (!cloud.empty() && marks == nullptr && lane.acked == 0 && lane.accepted > 0)
      lane.problem = "the cloud has not heard of epoch " + epoch;
    result.lanes.push_back(std::move(lane));
  }
  add_gaps(gateway, "gateway", epoch, result.gaps);
  add_gaps(cloud, "cloud", epoch, result.gaps);
  return result;
}

}  // namespace tocsin::cli
