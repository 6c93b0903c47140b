#pragma once
// Sends what the book of orders holds: signs each order for the gateway's present connection and repeats it
// until the gateway has answered or its time is over. Owned by the Asio thread; the book is the store's, so a
// restart goes on where it was.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "cloud/commands/book.h"
#include "cloud/commands/signing_key.h"
#include "cloud/store/store_thread.h"

namespace tocsin::cloud {

struct CommanderPorts {
  std::function<bool(const std::string& gateway, std::string_view suffix, Bytes payload)> publish;
  std::function<std::uint64_t(const std::string& gateway)> session_nonce;  // 0 before its hello
  std::function<UtcTime()> wall;
  std::function<void(const std::string& cause, const std::string& detail)> warn;
};

class Commander {
 public:
  Commander(std::filesystem::path state, std::string key_name, std::uint64_t term, StoreThread& store,
            CommanderPorts ports);

  bool can_sign();  // a key that was made while the program runs is found as well
  void on_tick(MonoTime now);
  void on_changed() {
    open_ = true;
    look_at_ = MonoTime{};
  }  // the book has a new order, or a gateway said hello

 private:
  struct Sent {
    std::uint64_t number = 0, session_nonce = 0;
    MonoTime at{};
    Duration pause{};  // until it is sent again
  };
  void look(MonoTime now);
  void send(const Order& order, MonoTime now);
  bool is_due(const Order& order, std::uint64_t session_nonce, MonoTime now) const;

  std::filesystem::path state_;
  std::string key_name_;
  std::uint64_t term_;
  StoreThread& store_;
  CommanderPorts ports_;
  std::optional<SigningKey> key_;
  std::map<std::string, Sent> sent_;  // by id
  bool open_ = true;                  // the book held something to send at the last look
  MonoTime look_at_{};
};

}  // namespace tocsin::cloud
