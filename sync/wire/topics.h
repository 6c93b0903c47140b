#pragma once
// Topics tocsin/1/<shard>/<gw>/… (design section 7). <shard> is the first byte of SHA-256(community) in
// lower-case hex.

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::wire {

bool is_gateway_id(std::string_view text);  // [a-z0-9-]{3,32}
std::string shard_of(std::string_view community);
std::string gateway_topic(std::string_view community, std::string_view gateway, std::string_view suffix);

struct GatewayTopic {
  std::string_view shard, gateway, suffix;  // suffix: "up/hello"
};
std::optional<GatewayTopic> parse_gateway_topic(std::string_view topic);  // views into `topic`

}  // namespace tocsin::wire
