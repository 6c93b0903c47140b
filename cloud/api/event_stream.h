#pragma once
// GET /api/v1/events/stream: every change of every alarm as server-sent events, with resume. A client is
// given one page at a time and the next one when it has taken the first, so that a slow reader costs one
// page; one that takes nothing for 10 s is disconnected and comes back with its Last-Event-ID. Owned by the
// Asio thread.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cloud/api/http.h"
#include "cloud/api/tokens.h"
#include "cloud/store/store_thread.h"

namespace tocsin::cloud {

// "<feed_epoch>-<number of the news>": the id of an event.
struct EventId {
  std::uint64_t epoch = 0, number = 0;
};
std::string to_text(const EventId& id);
std::optional<EventId> event_id_from(const std::string& text);

// Where a client goes on. `reset`: it has missed what is no longer kept, and must read the list of alarms
// again.
struct StreamStart {
  std::uint64_t after = 0;
  bool reset = false;
};
StreamStart start_of(const std::string& last_event_id, std::uint64_t epoch, const NewsRange& kept);

// The event of one change, or nothing when the grant does not cover it.
std::string event_of(const NewsEntry& entry, std::uint64_t epoch, const Grant& grant);

class EventStreams {
 public:
  explicit EventStreams(StoreThread& store) : store_(store) {}

  // 503 when 64 clients listen already.
  HttpAnswer open(const Grant& grant, const std::string& last_event_id);
  void on_news();
  void on_tick(MonoTime now);
  std::size_t clients() const { return clients_.size(); }
  void close();

 private:
  struct Client {
    Grant grant;
    std::string last_event_id;
    std::optional<std::uint64_t> after;        // known after the first read
    std::function<void(std::string)> deliver;  // the connection waits for its next piece
    bool reading = false;
    MonoTime beat_at{};
  };
  using ClientPtr = std::shared_ptr<Client>;

  void read(const ClientPtr& client);
  void send(Client& client, std::string piece);

  StoreThread& store_;
  std::set<ClientPtr> clients_;
  MonoTime now_{};
};

}  // namespace tocsin::cloud
