#include "cloud/commands/order.h"

#include <boost/json.hpp>

#include "core/bytes/hex.h"

namespace tocsin::cloud {
namespace json = boost::json;
namespace {

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object object_of(const std::map<std::string, std::string>& words) {
  json::object out;
  for (const auto& [name, word] : words) out[name] = word;
  return out;
}

std::string text_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::uint64_t number_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

UtcTime time_in(const json::object& object, std::string_view key) {
  const auto time = from_rfc3339(text_in(object, key));
  return time ? *time : UtcTime{};
}

std::map<std::string, std::string> words_in(const json::object& object, std::string_view key) {
  std::map<std::string, std::string> words;
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_object()) return words;
  for (const auto& [name, word] : value->as_object())
    if (word.is_string()) words[std::string(name)] = std::string(word.as_string());
  return words;
}

}  // namespace

std::string document_of(const Order& order) {
  json::object out{{"id", order.id},
                   {"gateway", order.gateway},
                   {"state", order.state},
                   {"refusal", text_or_null(order.refusal)},
                   {"detail", text_or_null(order.detail)},
                   {"issuer", order.issuer},
                   {"issued", to_rfc3339(order.issued)},
                   {"not_after", to_rfc3339(order.not_after)},
                   {"updated", to_rfc3339(order.updated)},
                   {"attempts", order.attempts}};
  if (order.is_command()) {
    out["counter"] = order.number;
    out["point"] = order.point;
    out["operation"] = order.operation;
    out["arguments"] = object_of(order.arguments);
  } else {
    out["version"] = order.number;
    out["outputs"] = object_of(order.outputs);
    out["on_expiry"] = order.on_expiry;
  }
  return json::serialize(out);
}

Result<Order> order_of(const std::string& document) {
  boost::system::error_code error;
  const json::value parsed = json::parse(document, error);
  if (error || !parsed.is_object()) return fail(Fault::storage, "an unreadable order");
  const json::object& in = parsed.as_object();
  Order order;
  order.id = text_in(in, "id");
  order.gateway = text_in(in, "gateway");
  order.state = text_in(in, "state");
  order.refusal = text_in(in, "refusal");
  order.detail = text_in(in, "detail");
  order.issuer = text_in(in, "issuer");
  order.issued = time_in(in, "issued");
  order.not_after = time_in(in, "not_after");
  order.updated = time_in(in, "updated");
  order.attempts = static_cast<int>(number_in(in, "attempts"));
  order.on_expiry = text_in(in, "on_expiry");
  order.number = number_in(in, order.is_command() ? "counter" : "version");
  order.point = text_in(in, "point");
  order.operation = text_in(in, "operation");
  order.arguments = words_in(in, "arguments");
  order.outputs = words_in(in, "outputs");
  return order;
}

OrderRow row_of(const Order& order) {
  const bool open = order.state == "sent";
  return {order.id, order.gateway, open, document_of(order)};
}

Bytes payload_of(const Order& order, std::uint64_t term, std::uint64_t session_nonce) {
  if (!order.is_command()) {
    wire::DesiredOutputs desired{order.gateway,
                                 order.number,
                                 order.not_after,
                                 order.on_expiry == "hold" ? wire::OnExpiry::hold : wire::OnExpiry::safe,
                                 {},
                                 order.issued,
                                 session_nonce,
                                 term};
    for (const auto& [effect, word] : order.outputs) desired.outputs.push_back({effect, word});
    return wire::encode_desired(desired);
  }
  const auto id = bytes::from_hex(order.id);
  return wire::encode_command({id ? *id : Bytes{}, order.gateway, order.point, order.operation,
                               order.arguments, order.issued, order.not_after, term, order.issuer,
                               order.number, session_nonce});
}

}  // namespace tocsin::cloud
