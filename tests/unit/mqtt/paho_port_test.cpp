// The port over Paho against a real Mosquitto: what the session machines rely on.

#include "sync/mqtt/paho_port.h"

#include <cstdlib>
#include <fstream>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/support/mosquitto.h"
#include "tests/unit/mqtt/client.h"

using namespace tocsin;
using namespace tocsin::mqtt;
using namespace tocsin::mqtt::test;
using tocsin::test::Mosquitto;

namespace {

// Connections of this process to that port of 127.0.0.1, by whether small packets are sent at once.
struct Sockets {
  int at_once = 0, held_back = 0;
};
Sockets sockets_to(std::uint16_t port) {
  Sockets found;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || ntohs(peer.sin_port) != port)
      continue;
    int no_delay = 0;
    size = sizeof(no_delay);
    ::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
    ++(no_delay != 0 ? found.at_once : found.held_back);
  }
  return found;
}

}  // namespace

TEST_CASE("a message goes through with topic, payload and PUBACK") {
  const Mosquitto broker;
  Loop loop;
  Client sender(loop);
  Client receiver(loop);
  REQUIRE(sender.connect(Client::options(broker.url(), "sender")));
  REQUIRE(receiver.connect(Client::options(broker.url(), "receiver")));
  CHECK(*sender.receive_maximum == 50);
  REQUIRE(receiver.subscribe("tocsin/1/+/gw1/up/#"));
  CHECK(receiver.subscribed.back().first == "tocsin/1/+/gw1/up/#");
  REQUIRE(sender.publish(7'000'000'000, "tocsin/1/ab/gw1/up/alarm", std::string("a\0b", 3)));
  CHECK(sender.reason_of_last(1) == 0);
  CHECK(sender.published.back().first == 7'000'000'000);
  REQUIRE(loop.until([&] { return !receiver.messages.empty(); }));
  CHECK(receiver.messages[0].topic == "tocsin/1/ab/gw1/up/alarm");
  CHECK(receiver.messages[0].payload == Bytes{'a', 0, 'b'});
  CHECK_FALSE(receiver.messages[0].retained);
}

TEST_CASE("a small packet never waits for the acknowledgement of the one before") {
  const Mosquitto broker;
  Loop loop;
  Client client(loop);
  REQUIRE(client.connect(Client::options(broker.url(), "client")));
  CHECK(sockets_to(broker.port()).at_once == 1);
  CHECK(sockets_to(broker.port()).held_back == 0);
}

TEST_CASE("a denied publish has the broker's reason, and the connection stays") {
  const tocsin::test::TempDir dir;
  std::ofstream(dir / "acl") << "topic readwrite open/#\n";
  const Mosquitto broker("acl_file " + (dir / "acl").string() + "\n");
  Loop loop;
  Client client(loop);
  REQUIRE(client.connect(Client::options(broker.url(), "c")));
  REQUIRE(client.publish(1, "closed", "x"));
  CHECK(client.reason_of_last(1) == 135);
  REQUIRE(client.publish(2, "open/x", "x"));
  CHECK(client.reason_of_last(2) == 0);
  CHECK(client.downs.empty());
}

TEST_CASE("without a connection nothing is published, and nothing is kept for later") {
  const Mosquitto broker;
  Loop loop;
  Client client(loop);
  const Status status = client.port->publish(1, "t", Bytes{1});
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().fault == Fault::disconnected);
  REQUIRE(client.connect(Client::options(broker.url(), "c")));
  REQUIRE(client.publish(2, "t", "x"));
  CHECK(client.reason_of_last(1) == 0);
  CHECK(client.published.back().first == 2);
}

TEST_CASE("a broker that is not there, and one that is gone, are down once each; the next connect works") {
  Mosquitto broker;
  broker.stop();
  Loop loop;
  Client client(loop);
  CHECK_FALSE(client.connect(Client::options(broker.url(), "c")));
  REQUIRE(client.downs.size() == 1);
  CHECK(client.downs[0].fault == Fault::unreachable);
  broker.start();
  REQUIRE(client.connect(Client::options(broker.url(), "c")));
  broker.stop();
  REQUIRE(loop.until([&] { return client.downs.size() == 2; }));
  CHECK(client.downs[1].fault == Fault::disconnected);
  CHECK_FALSE(client.publish(1, "t", "x"));
  broker.start();
  REQUIRE(client.connect(Client::options(broker.url(), "c")));
  for (std::uint64_t token = 1; token <= 200; ++token) {
    REQUIRE(client.publish(token, "t", "x"));
    if (token % 16 == 0) REQUIRE(loop.until([&] { return client.published.size() == token; }));
  }
  CHECK(loop.until([&] { return client.published.size() == 200; }));
  CHECK(client.downs.size() == 2);
}

TEST_CASE("a name that does not resolve and a broker url without sense are down, not an exception") {
  Loop loop;
  Client client(loop);
  CHECK_FALSE(client.connect(Client::options("mqtt://no-such-host.invalid:1883", "c")));
  CHECK_FALSE(client.connect(Client::options("tcp://127.0.0.1", "c")));
  REQUIRE(client.downs.size() == 2);
  CHECK(client.downs[0].fault == Fault::unreachable);
  CHECK(client.downs[1].fault == Fault::bad_input);
}

TEST_CASE("a broker that refuses the client says why") {
  const Mosquitto broker("password_file /dev/null\nallow_anonymous false\n");
  Loop loop;
  Client client(loop);
  CHECK_FALSE(client.connect(Client::options(broker.url(), "c")));
  REQUIRE(client.downs.size() == 1);
  CHECK(client.downs[0].fault == Fault::refused);
  CHECK(client.downs[0].code == 135);
}

TEST_CASE("after disconnect nothing follows, and the will is not published") {
  const Mosquitto broker;
  Loop loop;
  Client watcher(loop);
  REQUIRE(watcher.connect(Client::options(broker.url(), "watcher")));
  REQUIRE(watcher.subscribe("#"));
  Client client(loop);
  ConnectOptions options = Client::options(broker.url(), "c");
  options.will = Will{"will", Bytes{'w'}, false};
  REQUIRE(client.connect(options));
  client.port->disconnect();
  CHECK_FALSE(client.publish(1, "t", "x"));
  // A marker that is published after the broker has seen the client go.
  CHECK(client.connect(options));
  REQUIRE(client.publish(2, "marker", "x"));
  REQUIRE(loop.until([&] { return !watcher.messages.empty(); }));
  CHECK(watcher.messages[0].topic == "marker");
  CHECK(client.downs.empty());
}

TEST_CASE("what an ended connection had reported before, but nobody had heard, is dropped") {
  const Mosquitto broker;
  Loop sender_loop;
  Loop loop;
  Client sender(sender_loop);
  Client client(loop);
  REQUIRE(sender.connect(Client::options(broker.url(), "sender")));
  REQUIRE(client.connect(Client::options(broker.url(), "c")));
  REQUIRE(client.subscribe("t"));
  REQUIRE(sender.publish(1, "t", "x"));
  REQUIRE(loop.has_waiting());
  client.port->disconnect();
  loop.until([] { return false; }, std::chrono::milliseconds(50));
  CHECK(client.messages.empty());
}

TEST_CASE("a client that is pushed off by its namesake is down, and its will is published") {
  const Mosquitto broker;
  Loop loop;
  Client watcher(loop);
  REQUIRE(watcher.connect(Client::options(broker.url(), "watcher")));
  REQUIRE(watcher.subscribe("will"));
  Client first(loop);
  ConnectOptions options = Client::options(broker.url(), "same");
  options.will = Will{"will", Bytes{'w'}, false};
  REQUIRE(first.connect(options));
  Client second(loop);
  REQUIRE(second.connect(Client::options(broker.url(), "same")));
  REQUIRE(loop.until([&] { return !first.downs.empty() && !watcher.messages.empty(); }));
  CHECK(first.downs[0].fault == Fault::disconnected);
  CHECK(watcher.messages[0].payload == Bytes{'w'});
  CHECK(second.downs.empty());
}

TEST_CASE("a retained message is marked") {
  const Mosquitto broker;
  Loop loop;
  Client client(loop);
  REQUIRE(client.connect(Client::options(broker.url(), "c")));
  REQUIRE(client.publish(1, "kept", "x", true));
  REQUIRE(client.reason_of_last(1).has_value());
  REQUIRE(client.subscribe("kept"));
  REQUIRE(loop.until([&] { return !client.messages.empty(); }));
  CHECK(client.messages[0].retained);
}

TEST_CASE("a proxy in the environment is not obeyed") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const Mosquitto broker;
  Loop loop;
  Client client(loop);
  CHECK(client.connect(Client::options(broker.url(), "c")));
}

TEST_CASE("a port may go at any moment") {
  const Mosquitto broker;
  Loop loop;
  for (int round = 0; round < 10; ++round) {
    Client client(loop);
    client.port->connect(Client::options(broker.url(), "c"));
    if (round % 2 == 0) loop.until([&] { return client.receive_maximum.has_value(); });
    if (round % 4 == 0) client.publish(1, "t", "x");
  }
  loop.until([] { return false; }, std::chrono::milliseconds(50));  // what was still on its way finds nobody
}
