#pragma once
// An order to a gateway as the cloud keeps it: a command, or the desired outputs. Its document is what the
// API shows and the store keeps (docs/protocols/commands.md). Pure data.

#include <map>
#include <string>

#include "cloud/store/store.h"
#include "core/result/result.h"
#include "sync/wire/orders.h"

namespace tocsin::cloud {

struct Order {
  std::string id;  // 32 hex digits of a command; "desired-<gateway>" of desired outputs
  std::string gateway;
  std::uint64_t number = 0;  // counter of a command, version of desired outputs
  // A command: sent, accepted, then done, failed or indeterminate; or refused, or expired without an answer.
  // Desired outputs: sent, applied, refused, expired.
  std::string state = "sent";
  std::string refusal, detail;  // of the gateway's last answer
  std::string issuer;
  UtcTime issued{}, not_after{}, updated{};
  int attempts = 1;  // signed anew after the gateway refused it for a session that was over

  std::string point, operation;  // of a command
  std::map<std::string, std::string> arguments;
  std::map<std::string, std::string> outputs;  // of desired outputs: effect -> word
  std::string on_expiry;

  bool is_command() const { return on_expiry.empty(); }
};

std::string document_of(const Order& order);
Result<Order> order_of(const std::string& document);
OrderRow row_of(const Order& order);

// As they are signed. `session_nonce`: of the gateway's last hello.
Bytes payload_of(const Order& order, std::uint64_t term, std::uint64_t session_nonce);

}  // namespace tocsin::cloud
