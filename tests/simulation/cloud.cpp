#include "tests/simulation/cloud.h"

#include <algorithm>

#include "sync/session/messages.h"
#include "sync/wire/orders.h"
#include "sync/wire/topics.h"
#include "tests/simulation/broker.h"

namespace tocsin::simulation {

Cloud::Cloud(World& world) : world_(world) {
  start();
  tick();
}
Cloud::~Cloud() = default;

bool Cloud::conflict(std::size_t gateway) const {
  return conflicts_.contains(gateway);
}

bool Cloud::runs(const Owner& owner) const {
  return std::find(processes_.begin(), processes_.end(), owner) != processes_.end();
}

void Cloud::start() {
  ++starts_;
  const auto owner = std::make_shared<Process>();
  const auto utc = static_cast<std::uint64_t>(world_.utc().time_since_epoch().count());
  owner->term = database_.term = std::max(database_.term + 1, utc);
  for (std::size_t gateway = 0; gateway < world_.plan.gateways; ++gateway)
    owner->sessions.push_back(std::make_unique<session::IngestSession>(
        id_of(gateway), community, database_.gateways[gateway], owner->term, starts_restored_));
  processes_.push_back(owner);
  silent_.clear();
  for (std::size_t gateway = 0; gateway < world_.plan.gateways; ++gateway)
    act(owner, gateway, owner->sessions[gateway]->on_start(world_.scheduler.time()));
}

void Cloud::stop(const Owner& owner) {
  std::erase(processes_, owner);
}

void Cloud::crash(Duration away) {
  processes_.clear();
  world_.scheduler.after(away, [this, starts = starts_] {
    if (starts == starts_) start();
  });
}

void Cloud::fail_over(Duration overlap) {
  if (processes_.empty()) return;
  const Owner old = processes_.back();
  start();
  world_.scheduler.after(overlap, [this, old] { stop(old); });
}

void Cloud::restore(Duration away) {
  if (!backup_) return;
  database_ = *backup_;
  restored_ = starts_restored_ = true;
  crash(away);
}

void Cloud::heal() {
  slow_until_ = disk_fails_until_ = MonoTime{};
  if (processes_.empty()) start();
}

void Cloud::tick() {
  for (const Owner& owner : std::vector<Owner>(processes_))
    for (std::size_t gateway = 0; gateway < owner->sessions.size(); ++gateway)
      act(owner, gateway, owner->sessions[gateway]->on_tick(world_.scheduler.time()));
  world_.scheduler.after(15s, [this] { tick(); });
}

void Cloud::on_message(std::size_t gateway, const std::string& suffix, const Bytes& payload) {
  for (const Owner& owner : std::vector<Owner>(processes_))
    act(owner, gateway,
        owner->sessions[gateway]->on_message(suffix, payload, world_.scheduler.time(), world_.utc()));
}

void Cloud::act(const Owner& owner, std::size_t gateway, session::IngestActions actions) {
  for (session::IngestAction& action : actions)
    std::visit([&](auto& one) { act(owner, gateway, one); }, action);
}

void Cloud::act(const Owner&, std::size_t gateway, session::Reply& reply) {
  const auto topic = wire::parse_gateway_topic(reply.topic);
  if (!topic || topic->gateway != id_of(gateway)) return world_.oracle.violated("a reply to a foreign topic");
  if (topic->suffix == "down/ack") {
    const auto ack = session::decode_ack(reply.payload);
    const bool fenced = ack->term < database_.term;  // of an owner that lost its term: gateways ignore it
    if (!fenced) world_.oracle.acknowledged(database_.rows, gateway, ack->epoch, ack->lane, ack->upto);
  }
  world_.broker->deliver(gateway, std::string(topic->suffix), reply.payload);
}

void Cloud::act(const Owner& owner, std::size_t gateway, session::Silence& silence) {
  if (owner != processes_.back()) return;
  if (silence.silent)
    silent_.insert(gateway);
  else
    silent_.erase(gateway);
}

void Cloud::commit(const Owner& owner, std::size_t gateway, std::uint64_t ticket,
                   std::function<bool()> change) {
  const MonoTime now = world_.scheduler.time();
  const bool slow = now < slow_until_;
  const Duration takes = slow ? world_.chance.between(500ms, 4s) : world_.chance.between(1ms, 15ms);
  owner->commit_order = std::max(owner->commit_order, now + takes);  // one transaction after the other
  world_.scheduler.at(owner->commit_order, [this, owner, gateway, ticket, change = std::move(change)] {
    if (!runs(owner)) return;
    const MonoTime time = world_.scheduler.time();
    const bool fails = owner->term < database_.term || time < disk_fails_until_;
    const bool conflict = !fails && change();
    world_.scheduler.after(world_.chance.between(0ms, 2ms), [this, owner, gateway, ticket, fails, conflict] {
      if (!runs(owner)) return;  // committed, and nobody was told
      session::IngestSession& one = *owner->sessions[gateway];
      act(owner, gateway,
          fails ? one.on_failed(ticket, world_.scheduler.time())
                : one.on_committed(ticket, conflict, world_.scheduler.time()));
    });
  });
}

void Cloud::act(const Owner& owner, std::size_t gateway, session::StoreRecords& change) {
  if (world_.plan.sabotage == Sabotage::ack_before_commit) {
    const std::uint64_t ticket = change.ticket;
    world_.scheduler.after(0s, [this, owner, gateway, ticket] {
      if (runs(owner))
        act(owner, gateway, owner->sessions[gateway]->on_committed(ticket, false, world_.scheduler.time()));
    });
  }
  commit(owner, gateway, change.ticket, [this, gateway, change = std::move(change)] {
    bool conflict = false;
    store(gateway, change, conflict);
    return conflict;
  });
}

void Cloud::store(std::size_t gateway, session::StoreRecords change, bool& conflict) {
  sabotage(change);
  conflict = world_.oracle.committed(database_.rows, gateway, change, world_.scheduler.time());
  std::uint64_t& watermark = database_.gateways[gateway].watermarks[change.epoch][change.lane];
  if (change.upto < watermark) world_.oracle.violated("I9: a watermark went back");
  watermark = std::max(watermark, change.upto);
}

void Cloud::sabotage(session::StoreRecords& change) {
  if (world_.plan.sabotage == Sabotage::commit_loses_a_record && change.records.size() > 1)
    change.records.pop_back();
  if (world_.plan.sabotage == Sabotage::commit_changes_a_body && !change.records.empty())
    change.records.front().body.push_back(0);
  if (world_.plan.sabotage == Sabotage::wrong_gap && change.gap_to == 0 && !change.records.empty() &&
      change.records.front().seq == change.upto) {
    change.gap_from = change.gap_to = change.upto;
    change.gap_cause = "planted";
    change.records.clear();
  }
}

void Cloud::act(const Owner& owner, std::size_t gateway, session::StoreIdentity& change) {
  commit(owner, gateway, change.ticket, [this, gateway, state = change.state] {
    session::GatewayState& stored = database_.gateways[gateway];
    stored.epoch = state.epoch;
    stored.db_nonce = state.db_nonce;
    stored.identity_conflict = state.identity_conflict;
    for (const auto& [epoch, watermarks] : state.watermarks) stored.watermarks.try_emplace(epoch);
    return false;
  });
}

void Cloud::send_order(std::size_t gateway, std::uint64_t kind) {
  Bytes payload;
  bytes::Writer(payload).u64_le(world_.chance.next());
  const Bytes order = wire::encode_signed({payload, "key", Bytes(64, 1)});
  const std::string suffix = kind % 2 == 0 ? "down/command" : "down/desired";
  switch (kind % 4) {
    case 0: world_.broker->deliver(gateway, suffix, order, true); return;  // retained: planted in the broker
    case 1: world_.broker->deliver(gateway, suffix, payload); return;      // no envelope
    default: orders_.insert({gateway, order}); world_.broker->deliver(gateway, suffix, order);
  }
}

}  // namespace tocsin::simulation
