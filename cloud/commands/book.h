#pragma once
// The book of orders: made by the API, followed by the gateways' answers. These functions run on the store
// thread, inside one transaction.

#include <optional>
#include <string>
#include <vector>

#include "cloud/commands/order.h"
#include "cloud/commands/request.h"
#include "sync/wire/codec.h"

namespace tocsin::cloud {

Order add_command(Store& store, const std::string& gateway, const CommandRequest& request,
                  const std::string& issuer, UtcTime now);
// Its version is higher than any before, and than `applied`, which the gateway has told.
Order set_desired(Store& store, const std::string& gateway, const DesiredRequest& request,
                  std::uint64_t applied, const std::string& issuer, UtcTime now);
std::optional<Order> find_order(Store& store, const std::string& gateway, const std::string& id);
std::optional<Order> find_desired(Store& store, const std::string& gateway);

// What a gateway answers, and the version that its hello or an event tells.
void apply_answer(Store& store, const std::string& gateway, const wire::AnswerReport& answer, UtcTime now);
// A hello that tells an earlier version than the applied one is of a gateway that has lost it: sent again.
enum class VersionFrom : std::uint8_t { event, hello };
void apply_desired_version(Store& store, const std::string& gateway, std::uint64_t version, VersionFrom from,
                           UtcTime now);

// What is still to be sent; what is past its time is marked expired.
std::vector<Order> orders_to_send(Store& store, UtcTime now);

}  // namespace tocsin::cloud
