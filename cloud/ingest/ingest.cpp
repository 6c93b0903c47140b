#include "cloud/ingest/ingest.h"

#include <spdlog/spdlog.h>

#include "cloud/alarms/city.h"
#include "cloud/ingest/clock.h"
#include "sync/wire/topics.h"

namespace tocsin::cloud {
namespace {

constexpr std::size_t longest_topic = 256;
constexpr auto tick_every = std::chrono::milliseconds(250);

mqtt::ConnectOptions options_of(const CloudConfig& config, const std::string& client) {
  mqtt::ConnectOptions options;
  options.broker = config.field.broker;
  options.client_id = config.name + "-" + client;
  options.credentials = {config.field.ca, config.field.cert, config.field.key};
  return options;
}

session::GatewayState state_of(const GatewayRow& row) {
  return {row.epoch, row.db_nonce, row.watermarks, row.identity_conflict};
}

LinkEvents events_of(std::function<void(std::uint16_t)> up, std::function<void(mqtt::Message)> message) {
  return {std::move(up), [](const Error&) {}, std::move(message), [](std::uint64_t, std::uint8_t) {}};
}

}  // namespace

Ingest::Ingest(boost::asio::io_context& io, const CloudConfig& config, StoreThread& store,
               const std::vector<GatewayRow>& known, std::uint64_t term, bool restored, Counters& counters)
    : store_(store),
      counters_(counters),
      control_(io, "field", options_of(config, "control"),
               {"tocsin/1/+/+/up/hello", "tocsin/1/+/+/up/now", "tocsin/1/+/+/up/alive",
                "tocsin/1/+/+/up/alarm", "tocsin/1/+/+/up/event"},
               events_of(
                   [this](std::uint16_t) {
                     for (auto& [id, gateway] : gateways_)
                       perform(gateway, gateway.session->on_start(mono_now()));
                   },
                   [this](const mqtt::Message& message) { on_message(message); })),
      data_(io, "field-data", options_of(config, "data"), {"tocsin/1/+/+/up/data"},
            events_of([](std::uint16_t) {}, [this](const mqtt::Message& message) { on_message(message); })),
      timer_(io) {
  for (const auto& [id, gateway] : config.gateways) {
    session::GatewayState state;
    for (const auto& row : known)
      if (row.id == id) state = state_of(row);
    gateways_[id] = {
        {id, gateway.site},
        std::make_unique<session::IngestSession>(id, gateway.community, std::move(state), term, restored)};
  }
}

void Ingest::start() {
  control_.start();
  data_.start();
  tick();
}

void Ingest::stop() {
  stopped_ = true;
  timer_.cancel();
  control_.stop();
  data_.stop();
}

const session::IngestSession* Ingest::session(const std::string& gateway) const {
  const auto found = gateways_.find(gateway);
  return found == gateways_.end() ? nullptr : found->second.session.get();
}

void Ingest::reject(const std::string& cause, const std::string& detail) {
  ++counters_.rejected[cause];
  if (logged_.insert(cause).second)
    spdlog::warn("message dropped ({}): {}; more of this cause are only counted", cause, detail);
}

void Ingest::on_message(const mqtt::Message& message) {
  if (message.topic.size() > longest_topic) return reject("long-topic", message.topic.substr(0, 60));
  const auto topic = wire::parse_gateway_topic(message.topic);
  if (!topic) return reject("foreign-topic", message.topic);
  if (message.retained) return reject("retained", message.topic);
  const auto found = gateways_.find(topic->gateway);
  if (found == gateways_.end()) return reject("unknown-gateway", message.topic);
  auto& gateway = found->second;
  if (topic->shard != wire::shard_of(gateway.context.site.community))
    return reject("foreign-shard", message.topic);
  const auto before = gateway.session->rejected();
  perform(gateway, gateway.session->on_message(topic->suffix, message.payload, mono_now(), utc_now()));
  for (const auto& [cause, count] : gateway.session->rejected()) {
    const auto old = before.find(cause);
    if (old == before.end() || old->second != count) reject(cause, message.topic);
  }
}

void Ingest::perform(Gateway& gateway, session::IngestActions actions) {
  if (stopped_) return;
  for (auto& action : actions) {
    if (auto* records = std::get_if<session::StoreRecords>(&action)) {
      store_records(gateway, std::move(*records));
    } else if (const auto* identity = std::get_if<session::StoreIdentity>(&action)) {
      store_identity(gateway, *identity);
    } else if (auto* news = std::get_if<session::ApplyNow>(&action)) {
      auto applied = std::make_shared<Applied>();
      store_.submit(
          Urgency::alarm,
          [context = gateway.context, news = std::move(*news), applied](Store& store) {
            *applied = apply_now(store, context, news, utc_now());
          },
          [this, applied](const Status& status) {
            if (status && on_applied && !stopped_) on_applied(*applied);
          });
    } else if (const auto* answer = std::get_if<session::Reply>(&action)) {
      reply(*answer);
    } else if (const auto* silence = std::get_if<session::Silence>(&action)) {
      if (silence->silent)
        silent_.insert(gateway.context.gateway);
      else
        silent_.erase(gateway.context.gateway);
      own_alarm(gateway, {silence_key(gateway.context.gateway), silence->silent, "no message for 60 s"});
    } else if (const auto* conflict = std::get_if<session::IdentityConflict>(&action)) {
      spdlog::error("gateway {}: identity conflict: {}", gateway.context.gateway, conflict->detail);
      own_alarm(gateway,
                {{gateway.context.gateway, "identity", "identity-conflict"}, true, conflict->detail});
    }
  }
}

void Ingest::store_records(Gateway& gateway, session::StoreRecords records) {
  const auto ticket = records.ticket;
  const auto urgency = records.lane == wire::Lane::alarm   ? Urgency::alarm
                       : records.lane == wire::Lane::event ? Urgency::normal
                                                           : Urgency::data;
  counters_.records += records.records.size();
  auto applied = std::make_shared<Applied>();
  auto work = [context = gateway.context, records = std::move(records), applied](Store& store) {
    *applied = apply_records(store, context, records, utc_now());
  };
  auto done = [this, &gateway, ticket, applied](const Status& status) {
    if (stopped_) return;
    if (!status) {
      ++counters_.commits_failed;
      spdlog::error("commit failed, nothing acknowledged: {}", to_string(status.error()));
      return perform(gateway, gateway.session->on_failed(ticket, mono_now()));
    }
    perform(gateway, gateway.session->on_committed(ticket, applied->conflict, mono_now()));
    counters_.alarms_changed += applied->documents.size();
    if (applied->undecodable != 0) reject("undecodable-record", gateway.context.gateway);
    if (on_applied) on_applied(*applied);
  };
  if (!store_.submit(urgency, std::move(work), std::move(done)))
    perform(gateway, gateway.session->on_failed(ticket, mono_now()));
}

void Ingest::store_identity(Gateway& gateway, const session::StoreIdentity& identity) {
  auto done = [this, &gateway, ticket = identity.ticket](const Status& status) {
    if (stopped_) return;
    perform(gateway, status ? gateway.session->on_committed(ticket, false, mono_now())
                            : gateway.session->on_failed(ticket, mono_now()));
  };
  const bool taken = store_.submit(
      Urgency::alarm,
      [id = gateway.context.gateway, identity](Store& store) { apply_identity(store, id, identity); },
      std::move(done));
  if (!taken) perform(gateway, gateway.session->on_failed(identity.ticket, mono_now()));
}

void Ingest::own_alarm(Gateway& gateway, OwnAlarm own) {
  auto applied = std::make_shared<Applied>();
  store_.submit(
      Urgency::alarm,
      [context = gateway.context, own = std::move(own), applied](Store& store) {
        *applied = apply_own(store, context, own, utc_now());
      },
      [this, applied](const Status& status) {
        if (status && on_applied && !stopped_) on_applied(*applied);
      });
}

void Ingest::reply(const session::Reply& reply) {
  // Not retained, not repeated here: a lost answer is asked for again.
  const auto sent = control_.publish(++next_token_, reply.topic, reply.payload);
  if (!sent) spdlog::debug("answer not sent: {}", to_string(sent.error()));
}

void Ingest::tick() {
  for (auto& [id, gateway] : gateways_) {
    const auto due = gateway.session->next_due();
    if (due && *due <= mono_now()) perform(gateway, gateway.session->on_tick(mono_now()));
  }
  timer_.expires_after(tick_every);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopped_) tick();
  });
}

}  // namespace tocsin::cloud
