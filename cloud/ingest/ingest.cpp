#include "cloud/ingest/ingest.h"

#include <utility>

#include "cloud/commands/book.h"
#include "sync/wire/topics.h"

namespace tocsin::cloud {
namespace {

constexpr Duration gateway_silence = 60s;   // design section 7
constexpr std::size_t longest_topic = 256;  // bytes; a broker takes 65,535 (facts/reliability.md 1.3)

Urgency urgency_of(wire::Lane lane) {
  return lane == wire::Lane::data ? Urgency::data : Urgency::alarm;
}

}  // namespace

struct Ingest::Gateway {
  Place place;
  std::string shard;
  std::unique_ptr<session::IngestSession> session;
};

Ingest::Ingest(std::vector<Place> places, StoreThread& store, IngestPorts ports)
    : store_(store), ports_(std::move(ports)) {
  for (Place& place : places) {
    auto gateway = std::make_unique<Gateway>();
    gateway->place = std::move(place);
    gateway->shard = wire::shard_of(gateway->place.site.community);
    gateways_.emplace(gateway->place.gateway, std::move(gateway));
  }
}

Ingest::~Ingest() = default;

void Ingest::start(const std::vector<GatewayRow>& known, const std::set<std::string>& silenced,
                   std::uint64_t term, bool restored) {
  std::map<std::string, session::GatewayState> states;
  for (const GatewayRow& row : known)
    states[row.id] = {row.epoch, row.db_nonce, row.watermarks, row.identity_conflict};
  for (auto& [id, gateway] : gateways_)
    gateway->session = std::make_unique<session::IngestSession>(id, gateway->place.site.community, states[id],
                                                                term, restored);
  silent_ = silenced;
}

void Ingest::on_connected() {
  connected_at_ = ports_.mono();
  for (auto& [id, gateway] : gateways_) run(*gateway, gateway->session->on_start(ports_.mono()));
}

void Ingest::on_down() {
  connected_at_.reset();
}

void Ingest::on_message(const std::string& topic, ByteView payload, bool retained) {
  if (topic.size() > longest_topic) return reject("topic-too-long", topic.substr(0, 64));
  if (retained) return reject("retained", topic);
  const auto parsed = wire::parse_gateway_topic(topic);
  if (!parsed) return reject("bad-topic", topic);
  const auto found = gateways_.find(parsed->gateway);
  if (found == gateways_.end()) return reject("unknown-gateway", topic);
  Gateway& gateway = *found->second;
  if (gateway.shard != parsed->shard) return reject("foreign-shard", topic);

  auto actions = gateway.session->on_message(parsed->suffix, payload, ports_.mono(), ports_.wall());
  // A silence that was raised before this program started is unknown to the session.
  if (!actions.empty() && silent_.contains(gateway.place.gateway)) set_silent(gateway, false);
  run(gateway, std::move(actions));
  if (parsed->suffix == "up/hello") on_hello(gateway);
}

void Ingest::on_hello(Gateway& gateway) {
  submit(Urgency::normal, gateway, 0,
         [id = gateway.place.gateway, version = gateway.session->desired_version(),
          now = ports_.wall()](Store& store) {
           apply_desired_version(store, id, version, VersionFrom::hello, now);
           return Applied{};
         });
  if (ports_.said_hello) ports_.said_hello(gateway.place.gateway);
}

std::uint64_t Ingest::session_nonce(const std::string& gateway) const {
  const auto found = gateways_.find(gateway);
  return found == gateways_.end() ? 0 : found->second->session->session_nonce();
}

std::uint64_t Ingest::desired_version(const std::string& gateway) const {
  const auto found = gateways_.find(gateway);
  return found == gateways_.end() ? 0 : found->second->session->desired_version();
}

void Ingest::on_tick() {
  const MonoTime now = ports_.mono();
  const bool can_judge = connected_at_ && now >= *connected_at_ + gateway_silence;
  for (auto& [id, gateway] : gateways_) {
    const auto due = gateway->session->next_due();
    if (can_judge && due && *due <= now) run(*gateway, gateway->session->on_tick(now));
  }
  for (const std::string& id : std::exchange(unsettled_, {}))
    set_silent(*gateways_.at(id), silent_.contains(id));
}

IngestCounts Ingest::counts() const {
  IngestCounts sum = counts_;
  for (const auto& [id, gateway] : gateways_)
    for (const auto& [cause, count] : gateway->session->rejected()) sum.rejected[cause] += count;
  return sum;
}

void Ingest::reject(const std::string& cause, const std::string& detail) {
  ++counts_.rejected[cause];
  ports_.warn(cause, detail);
}

void Ingest::run(Gateway& gateway, session::IngestActions actions) {
  for (auto& action : actions)
    std::visit([&](auto&& one) { perform(gateway, std::move(one)); }, std::move(action));
}

void Ingest::perform(Gateway& gateway, session::StoreRecords action) {
  const std::uint64_t ticket = action.ticket;
  const Urgency urgency = urgency_of(action.lane);
  submit(urgency, gateway, ticket,
         [place = gateway.place, batch = std::move(action), now = ports_.wall()](Store& store) {
           return apply_records(store, place, batch, now);
         });
}

void Ingest::perform(Gateway& gateway, session::StoreIdentity action) {
  GatewayRow row{gateway.place.gateway,          action.state.epoch,         action.state.db_nonce,
                 action.state.identity_conflict, std::move(action.software), {}};
  submit(Urgency::alarm, gateway, action.ticket, [row = std::move(row), state = action.state](Store& store) {
    store.save_gateway(row);
    for (const auto& [lane, upto] : state.watermarks.at(state.epoch))
      store.set_watermark(row.id, state.epoch, lane, upto);
    return Applied{};
  });
}

void Ingest::perform(Gateway& gateway, session::ApplyNow action) {
  submit(Urgency::alarm, gateway, 0,
         [place = gateway.place, message = std::move(action), now = ports_.wall()](Store& store) {
           return apply_now(store, place, message, now);
         });
}

void Ingest::perform(Gateway&, session::Reply action) {
  ports_.reply(action.topic, std::move(action.payload));
}

void Ingest::perform(Gateway& gateway, session::Silence action) {
  if (action.silent != silent_.contains(gateway.place.gateway)) set_silent(gateway, action.silent);
}

void Ingest::perform(Gateway& gateway, session::IdentityConflict action) {
  ports_.warn("identity-conflict", gateway.place.gateway + ": " + action.detail);
}

void Ingest::perform(Gateway& gateway, session::ActiveNow action) {
  submit(Urgency::alarm, gateway, 0,
         [place = gateway.place, epoch = gateway.session->state().epoch, ids = std::move(action.alarm_ids),
          now = ports_.wall()](Store& store) { return apply_active(store, place, epoch, ids, now); });
}

void Ingest::set_silent(Gateway& gateway, bool silent) {
  const std::string& id = gateway.place.gateway;
  if (silent)
    silent_.insert(id);
  else
    silent_.erase(id);
  const auto applied = std::make_shared<Applied>();
  const bool taken = store_.submit(
      Urgency::alarm,
      [applied, place = gateway.place, silent, now = ports_.wall()](Store& store) {
        *applied = apply_silence(store, place, silent, now);
      },
      [this, applied, &gateway](const Status& status) {
        if (!status) unsettled_.insert(gateway.place.gateway);
        on_stored(gateway, 0, status, *applied);
      });
  if (!taken) unsettled_.insert(id);
}

// Ticket 0: nobody waits for the answer.
void Ingest::submit(Urgency urgency, Gateway& gateway, std::uint64_t ticket,
                    std::function<Applied(Store&)> work) {
  const auto applied = std::make_shared<Applied>();
  const bool taken = store_.submit(
      urgency, [applied, work = std::move(work)](Store& store) { *applied = work(store); },
      [this, applied, &gateway, ticket](const Status& status) {
        on_stored(gateway, ticket, status, *applied);
      });
  if (!taken) on_stored(gateway, ticket, fail(Fault::storage, "the store has too much to do"), {});
}

void Ingest::on_stored(Gateway& gateway, std::uint64_t ticket, const Status& status, const Applied& applied) {
  if (!status) {
    ++counts_.commits_failed;
    ports_.warn("store", to_string(status.error()));
    if (ticket != 0) run(gateway, gateway.session->on_failed(ticket, ports_.mono()));
    return;
  }
  counts_.unreadable += applied.unreadable;
  for (const auto& [lane, count] : applied.fresh) counts_.records[lane] += count;
  if (!applied.told.empty())
    ports_.told(applied.told);  // before the acknowledgement: the city waits, the gateway does not
  if (applied.news && ports_.news) ports_.news();
  if (ticket != 0) run(gateway, gateway.session->on_committed(ticket, applied.conflict, ports_.mono()));
}

}  // namespace tocsin::cloud
