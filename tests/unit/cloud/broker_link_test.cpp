// The lasting connection: reconnects, order, what is in flight.
#include "cloud/app/broker_link.h"

#include <doctest/doctest.h>

using namespace tocsin;
using namespace tocsin::cloud;

namespace {

struct FakePort final : mqtt::MqttPort {
  mqtt::PortEvents events;
  int connects = 0, disconnects = 0;
  std::vector<std::string> filters;
  std::vector<std::uint64_t> sent;
  bool refuse = false;

  void connect(const mqtt::ConnectOptions&) override { ++connects; }
  void disconnect() override { ++disconnects; }
  void subscribe(const std::string& filter) override { filters.push_back(filter); }
  Status publish(std::uint64_t token, const std::string&, ByteView, bool) override {
    if (refuse) return fail(Fault::disconnected);
    sent.push_back(token);
    return {};
  }
};

struct Link {
  FakePort* port = nullptr;
  int connected = 0, down = 0;
  std::vector<std::string> warnings;
  MonoTime now{};
  BrokerLink link;

  Link()
      : link(
            {}, {"a/#"}, events(),
            [this](mqtt::PortEvents e) {
              auto made = std::make_unique<FakePort>();
              made->events = std::move(e);
              port = made.get();
              return made;
            },
            [] { return 1.0; }) {}
  LinkEvents events() {
    LinkEvents e;
    e.connected = [this] { ++connected; };
    e.down = [this] { ++down; };
    e.message = [](const mqtt::Message&) {};
    e.published = [](std::uint64_t, std::uint8_t) {};
    e.warn = [this](const std::string& cause, const std::string&) { warnings.push_back(cause); };
    return e;
  }
  void after(Duration time) { link.on_tick(now += time); }
  void connect(std::uint16_t receive_maximum = 20) {
    after(0s);
    port->events.connected(receive_maximum);
  }
};

}  // namespace

TEST_CASE("it connects at once, subscribes, then says so") {
  Link l;
  l.connect();
  CHECK(l.port->connects == 1);
  CHECK(l.port->filters == std::vector<std::string>{"a/#"});
  CHECK(l.connected == 1);
  CHECK(l.link.is_connected());
}

TEST_CASE("a lost connection is tried again within a second, failed ones ever more slowly") {
  Link l;
  l.connect();
  l.port->events.down(fail(Fault::disconnected));
  CHECK(l.down == 1);
  l.after(999ms);
  CHECK(l.port->connects == 1);
  l.after(1ms);
  CHECK(l.port->connects == 2);
  l.port->events.down(fail(Fault::unreachable));
  CHECK(l.down == 1);  // it was not up
  l.after(1999ms);
  CHECK(l.port->connects == 2);
  l.after(1ms);
  CHECK(l.port->connects == 3);
  for (int i = 0; i < 10; ++i) {
    l.port->events.down(fail(Fault::unreachable));
    l.after(30s);
  }
  CHECK(l.port->connects == 13);
}

TEST_CASE("a connect that is never answered is given up") {
  Link l;
  l.after(0s);
  l.after(7s);
  CHECK(l.port->disconnects == 1);
  l.after(2s);
  CHECK(l.port->connects == 2);
}

TEST_CASE("publishes keep their order and stay below what the broker allows") {
  Link l;
  CHECK_FALSE(l.link.publish(1, "t", {}, false));
  l.connect(7);
  for (std::uint64_t token = 1; token <= 5; ++token) CHECK(l.link.publish(token, "t", {}, false));
  CHECK(l.port->sent == std::vector<std::uint64_t>{1, 2, 3});
  l.port->events.published(1, 0);
  CHECK(l.port->sent == std::vector<std::uint64_t>{1, 2, 3, 4});
}

TEST_CASE("a publish that the port refuses gives the connection up: nothing overtakes it") {
  Link l;
  l.connect();
  l.port->refuse = true;
  l.link.publish(1, "t", {}, false);
  CHECK_FALSE(l.link.is_connected());
  CHECK(l.down == 1);
  CHECK(l.port->disconnects == 1);
}

TEST_CASE("refusals are counted and told") {
  Link l;
  l.connect();
  l.port->events.subscribed("a/#", 0x87);
  l.link.publish(1, "t", {}, false);
  l.port->events.published(1, 0x87);
  CHECK(l.link.denied() == 2);
  CHECK(l.warnings == std::vector<std::string>{"subscription-denied", "publish-denied"});
}

TEST_CASE("closed is closed") {
  Link l;
  l.connect();
  l.link.close();
  l.after(60s);
  CHECK(l.port->connects == 1);
  CHECK_FALSE(l.link.publish(1, "t", {}, false));
}
