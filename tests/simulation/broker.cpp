#include "tests/simulation/broker.h"

#include "tests/simulation/cloud.h"
#include "tests/simulation/gateway.h"

namespace tocsin::simulation {

bool Broker::passes(Link& link, std::uint64_t connection) {
  if (link.connection != connection || link.dead) return false;
  if (world_.scheduler.time() < link.stalled_until) link.dead = true;
  return !link.dead;
}

MonoTime Broker::transfer(MonoTime& free, std::size_t bytes) {
  const MonoTime now = world_.scheduler.time();
  const auto busy = Duration{static_cast<std::int64_t>(bytes * 1'000'000'000 / world_.plan.bandwidth)};
  free = std::max(free, now) + busy;
  return free + world_.chance.between(1ms, 30ms);
}

// In order, unless the plan says otherwise.
MonoTime Broker::shuffled(MonoTime& order, MonoTime when) {
  if (!world_.healed && world_.chance.happens(world_.plan.reorder))
    return when + world_.chance.between(0s, 3s);
  order = std::max(order, when);
  return order;
}

std::uint64_t Broker::connect(std::size_t gateway) {
  Link& link = links_[gateway];
  link = {++last_connection_,
          false,
          link.stalled_until,
          link.blocked_until,
          link.denied_until,
          false,
          {},
          {},
          {},
          {}};
  const std::uint64_t connection = link.connection;
  world_.scheduler.after(world_.chance.between(5ms, 300ms), [this, gateway, connection] {
    Link& now = links_[gateway];
    if (now.connection != connection) return;
    const MonoTime time = world_.scheduler.time();
    if (time < now.blocked_until || time < now.stalled_until) {
      now.connection = 0;
      world_.gateways[gateway]->on_down(connection);
      return;
    }
    now.open = true;
    world_.gateways[gateway]->on_connected(connection, receive_maximum);
  });
  return connection;
}

void Broker::disconnect(std::size_t gateway) {
  links_[gateway].connection = 0;
}

void Broker::publish(std::size_t gateway, std::uint64_t connection, std::uint64_t token, std::string suffix,
                     Bytes payload) {
  Link& link = links_[gateway];
  if (link.connection != connection || !link.open) return;
  const MonoTime there = transfer(link.up_free, payload.size());
  world_.scheduler.at(there, [this, gateway, connection, token, suffix = std::move(suffix),
                              payload = std::move(payload)]() mutable {
    at_broker(gateway, connection, token, std::move(suffix), std::move(payload));
  });
}

void Broker::at_broker(std::size_t gateway, std::uint64_t connection, std::uint64_t token, std::string suffix,
                       Bytes payload) {
  Link& link = links_[gateway];
  if (!passes(link, connection)) return;
  const MonoTime now = world_.scheduler.time();
  const bool denied = now < link.denied_until;
  const std::uint8_t reason = denied ? 0x87 : world_.cloud->listens() ? 0 : 0x10;
  if (!world_.chance.happens(world_.healed ? 0 : world_.plan.drop / 8))
    world_.scheduler.after(world_.chance.between(1ms, 30ms), [this, gateway, connection, token, reason] {
      if (passes(links_[gateway], connection))
        world_.gateways[gateway]->on_published(connection, token, reason);
    });
  if (denied) return;
  const bool faulty = !world_.healed;
  int copies = faulty && world_.chance.happens(world_.plan.drop) ? 0 : 1;
  copies += faulty && world_.chance.happens(world_.plan.repeat) ? 1 : 0;
  for (int i = 0; i < copies; ++i) {
    const MonoTime when = shuffled(link.cloud_order, now + world_.chance.between(1ms, 20ms));
    world_.scheduler.at(
        when, [this, gateway, suffix, payload] { world_.cloud->on_message(gateway, suffix, payload); });
  }
}

void Broker::deliver(std::size_t gateway, const std::string& suffix, const Bytes& payload, bool retained) {
  Link& link = links_[gateway];
  if (link.connection == 0 || !link.open) return;
  const bool faulty = !world_.healed;
  int copies = faulty && world_.chance.happens(world_.plan.drop) ? 0 : 1;
  copies += faulty && world_.chance.happens(world_.plan.repeat) ? 1 : 0;
  for (int i = 0; i < copies; ++i) {
    const MonoTime when = shuffled(link.gateway_order, transfer(link.down_free, payload.size()));
    world_.scheduler.at(when, [this, gateway, connection = link.connection, suffix, payload, retained] {
      if (passes(links_[gateway], connection))
        world_.gateways[gateway]->on_message(connection, suffix, payload, retained);
    });
  }
}

void Broker::cut(std::size_t gateway) {
  const std::uint64_t connection = links_[gateway].connection;
  if (connection == 0 || !links_[gateway].open) return;
  links_[gateway].connection = 0;
  world_.scheduler.after(world_.chance.between(0ms, 500ms),
                         [this, gateway, connection] { world_.gateways[gateway]->on_down(connection); });
}

void Broker::cut_all() {
  for (std::size_t gateway = 0; gateway < links_.size(); ++gateway) cut(gateway);
}

void Broker::stall(std::size_t gateway, Duration lasts) {
  links_[gateway].stalled_until = world_.scheduler.time() + lasts;
}
void Broker::block(std::size_t gateway, Duration lasts) {
  links_[gateway].blocked_until = world_.scheduler.time() + lasts;
  cut(gateway);
}
void Broker::deny(std::size_t gateway, Duration lasts) {
  links_[gateway].denied_until = world_.scheduler.time() + lasts;
}

void Broker::heal() {
  for (Link& link : links_) link.stalled_until = link.blocked_until = link.denied_until = MonoTime{};
}

}  // namespace tocsin::simulation
