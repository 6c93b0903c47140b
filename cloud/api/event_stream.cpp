#include "cloud/api/event_stream.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cloud/alarms/document.h"

namespace tocsin::cloud {
namespace {

constexpr std::size_t most_clients = 64;
constexpr std::size_t page = 100;  // changes given to a client at a time
constexpr Duration heartbeat_every = 15s;

// What one look into the store found for one client.
struct Page {
  std::uint64_t epoch = 1, after = 0;
  std::string text;
  bool full = false;
};

std::string control_event(const std::string& name, const EventId& id) {
  return "event: " + name + "\nid: " + to_text(id) + "\ndata: {}\n\n";
}

Page page_of(Store& store, const Grant& grant, const std::string& last_event_id,
             const std::optional<std::uint64_t>& after) {
  Page found;
  found.epoch = store.feed_head("").epoch;
  found.after = after.value_or(0);
  if (!after) {
    const StreamStart start = start_of(last_event_id, found.epoch, store.news_range());
    found.after = start.after;
    found.text =
        "retry: 2000\n\n" + control_event(start.reset ? "reset" : "ready", {found.epoch, start.after});
  }
  const auto news = store.news(found.after, page);
  for (const NewsEntry& entry : news) {
    found.text += event_of(entry, found.epoch, grant);
    found.after = entry.number;
  }
  found.full = news.size() == page;
  return found;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string to_text(const EventId& id) {
  return std::to_string(id.epoch) + "-" + std::to_string(id.number);
}

std::optional<EventId> event_id_from(const std::string& text) {
  const auto dash = text.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto epoch = number_of(std::string_view(text).substr(0, dash));
  const auto number = number_of(std::string_view(text).substr(dash + 1));
  if (!epoch || !number) return std::nullopt;
  return EventId{*epoch, *number};
}

StreamStart start_of(const std::string& last_event_id, std::uint64_t epoch, const NewsRange& kept) {
  if (last_event_id.empty()) return {kept.head, false};
  const auto last = event_id_from(last_event_id);
  const bool complete =
      last && last->epoch == epoch && last->number + 1 >= kept.first && last->number <= kept.head;
  return complete ? StreamStart{last->number, false} : StreamStart{kept.head, true};
}

std::string event_of(const NewsEntry& entry, std::uint64_t epoch, const Grant& grant) {
  const auto& scope = grant.communities;
  if (!scope.empty() && std::find(scope.begin(), scope.end(), entry.community) == scope.end()) return {};
  std::string document = entry.document;
  if (grant.role == Role::city) {
    const auto alarm = from_document(document);
    if (!alarm || !alarm->feed) return {};
    document = to_document(*alarm, Audience::city);
  }
  return "event: alarm\nid: " + to_text({epoch, entry.number}) + "\ndata: " + document + "\n\n";
}

HttpAnswer EventStreams::open(const Grant& grant, const std::string& last_event_id) {
  if (clients_.size() >= most_clients) return error_answer(503, "64 clients listen already");
  const auto client = std::make_shared<Client>();
  client->grant = grant;
  client->last_event_id = last_event_id;
  client->beat_at = now_ + heartbeat_every;
  clients_.insert(client);
  HttpAnswer answer{200, "text/event-stream", {}, {}};
  // The connection holds this; when it ends, its client is forgotten with it.
  const std::shared_ptr<void> ends(nullptr, [this, client](void*) { clients_.erase(client); });
  answer.stream = [this, client, ends](std::function<void(std::string)> deliver) {
    client->deliver = std::move(deliver);
    read(client);
  };
  return answer;
}

void EventStreams::on_news() {
  for (const ClientPtr& client : std::set<ClientPtr>(clients_)) read(client);
}

void EventStreams::on_tick(MonoTime now) {
  now_ = now;
  for (const ClientPtr& client : std::set<ClientPtr>(clients_))
    if (now >= client->beat_at && client->deliver && !client->reading) send(*client, ": still here\n\n");
}

void EventStreams::close() {
  for (const ClientPtr& client : std::set<ClientPtr>(clients_)) client->deliver = nullptr;
}

void EventStreams::read(const ClientPtr& client) {
  if (client->reading || !client->deliver) return;
  const auto found = std::make_shared<Page>();
  client->reading = store_.submit(
      Urgency::normal,
      [found, grant = client->grant, last = client->last_event_id, after = client->after](Store& store) {
        *found = page_of(store, grant, last, after);
      },
      [this, client, found](const Status& status) {
        client->reading = false;
        if (!status) return;  // the heartbeat or the next change looks again
        const bool moved = !client->after || *client->after != found->after;
        client->after = found->after;
        if (!found->text.empty()) return send(*client, std::move(found->text));
        if (moved || found->full) read(client);  // all of it was beyond the grant
      });
}

void EventStreams::send(Client& client, std::string piece) {
  client.beat_at = now_ + heartbeat_every;
  if (const auto deliver = std::exchange(client.deliver, nullptr)) deliver(std::move(piece));
}

}  // namespace tocsin::cloud
