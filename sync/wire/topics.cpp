#include "sync/wire/topics.h"

#include <array>

#include <openssl/sha.h>

#include "core/bytes/hex.h"

namespace tocsin::wire {
namespace {

constexpr std::string_view prefix = "tocsin/1/";
constexpr std::size_t longest_topic =
    128;  // a broker passes on 65,535 bytes; nothing of ours comes near this

bool is_shard(std::string_view text) {
  return text.size() == 2 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

bool is_gateway_id(std::string_view text) {
  if (text.size() < 3 || text.size() > 32) return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string shard_of(std::string_view community) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(community.data()), community.size(), digest.data());
  return bytes::to_hex(ByteView(digest.data(), 1));
}

std::string gateway_topic(std::string_view community, std::string_view gateway, std::string_view suffix) {
  std::string topic(prefix);
  topic.append(shard_of(community)).append("/").append(gateway).append("/").append(suffix);
  return topic;
}

std::optional<GatewayTopic> parse_gateway_topic(std::string_view topic) {
  if (topic.size() > longest_topic || !topic.starts_with(prefix)) return std::nullopt;
  topic.remove_prefix(prefix.size());
  const auto shard_end = topic.find('/');
  if (shard_end == std::string_view::npos) return std::nullopt;
  const auto gateway_end = topic.find('/', shard_end + 1);
  if (gateway_end == std::string_view::npos || gateway_end + 1 == topic.size()) return std::nullopt;
  const GatewayTopic parsed{topic.substr(0, shard_end),
                            topic.substr(shard_end + 1, gateway_end - shard_end - 1),
                            topic.substr(gateway_end + 1)};
  if (!is_shard(parsed.shard) || !is_gateway_id(parsed.gateway)) return std::nullopt;
  return parsed;
}

}  // namespace tocsin::wire
