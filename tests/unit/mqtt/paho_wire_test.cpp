// The packets themselves, with a broker that answers from a script.

#include <algorithm>
#include <thread>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/mqtt/client.h"

using namespace tocsin;
using namespace tocsin::mqtt;
using namespace tocsin::mqtt::test;

namespace {

// Takes one connection and answers its packets one by one; at the end of the script it stays silent until the
// client goes.
class ScriptedBroker {
 public:
  // {id}: 0xFE 0xFE in an answer is replaced by the packet identifier of the packet it answers.
  explicit ScriptedBroker(std::vector<Bytes> answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedBroker() {
    join();
    ::close(listener_);
  }

  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
  // The packets of the client, when it is gone.
  const std::vector<Bytes>& join() {
    if (thread_.joinable()) thread_.join();
    return packets_;
  }

 private:
  bool take(int fd, std::uint8_t* to, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
      pollfd waiting{fd, POLLIN, 0};
      if (::poll(&waiting, 1, 10'000) <= 0) return false;
      const ssize_t got = ::recv(fd, to + done, size - done, 0);
      if (got <= 0) return false;
      done += static_cast<std::size_t>(got);
    }
    return true;
  }
  bool take_packet(int fd) {
    Bytes packet(2);
    if (!take(fd, packet.data(), 2)) return false;  // packets of the test are shorter than 128 bytes
    packet.resize(2 + packet[1]);
    if (!take(fd, packet.data() + 2, packet[1])) return false;
    packets_.push_back(packet);
    return true;
  }
  void serve() {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) <= 0) return;
    const int fd = ::accept(listener_, nullptr, nullptr);
    for (std::size_t next = 0; take_packet(fd); ++next) {
      if (next >= answers_.size()) continue;
      Bytes answer = answers_[next];
      const Bytes placeholder{0xFE, 0xFE};
      const auto id = std::search(answer.begin(), answer.end(), placeholder.begin(), placeholder.end());
      if (id != answer.end()) std::copy_n(packets_.back().begin() + 2, 2, id);
      if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    ::close(fd);
  }

  std::vector<Bytes> answers_;
  std::vector<Bytes> packets_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

const Bytes connack{0x20, 3, 0, 0, 0};
const Bytes connack_receive_maximum_7{0x20, 6, 0, 0, 3, 0x21, 0, 7};
const Bytes suback_denied{0x90, 4, 0xFE, 0xFE, 0, 0x87};
const Bytes suback_granted{0x90, 4, 0xFE, 0xFE, 0, 1};

}  // namespace

TEST_CASE("CONNECT: version 5, clean start, no session kept, keep-alive as asked") {
  ScriptedBroker broker({connack});
  Loop loop;
  {
    Client client(loop);
    ConnectOptions options = Client::options(broker.url(), "gw-1");
    options.keep_alive = 17s;
    REQUIRE(client.connect(options));
    CHECK(*client.receive_maximum == 65535);
  }
  const std::vector<Bytes>& packets = broker.join();
  // source: MQTT 5.0, 3.1: fixed header, protocol name, version 5, flags (clean start only), keep-alive, no
  // properties, id
  REQUIRE(packets.size() >= 1);
  CHECK(packets[0] == Bytes{0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 17, 0, 0, 4, 'g', 'w', '-', '1'});
  REQUIRE(packets.size() == 2);
  CHECK(packets[1][0] == 0xE0);  // DISCONNECT: the broker is told
}

TEST_CASE("the receive maximum of CONNACK is passed on") {
  ScriptedBroker broker({connack_receive_maximum_7});
  Loop loop;
  Client client(loop);
  REQUIRE(client.connect(Client::options(broker.url(), "c")));
  CHECK(*client.receive_maximum == 7);
}

TEST_CASE("a denied subscription is reported with its filter, and so is a granted one") {
  ScriptedBroker broker({connack, suback_denied, suback_granted});
  Loop loop;
  Client client(loop);
  REQUIRE(client.connect(Client::options(broker.url(), "c")));
  CHECK_FALSE(client.subscribe("denied"));
  CHECK(client.subscribed.back() == std::pair<std::string, std::uint8_t>("denied", 0x87));
  CHECK(client.subscribe("granted"));
  CHECK(client.subscribed.back() == std::pair<std::string, std::uint8_t>("granted", 1));
  CHECK(client.downs.empty());
}

TEST_CASE("a broker that takes the connection and never answers: the next connect is not disturbed by it") {
  ScriptedBroker silent({});
  ScriptedBroker good({connack});
  Loop loop;
  Client client(loop);
  client.port->connect(Client::options(silent.url(), "c"));
  loop.until([] { return false; }, std::chrono::milliseconds(100));
  REQUIRE(client.connect(Client::options(good.url(), "c")));
  loop.until([] { return false; }, std::chrono::milliseconds(100));
  CHECK(client.downs.empty());
}

TEST_CASE("a broker that never answers is down after the timeout") {
  ScriptedBroker silent({});
  Loop loop;
  Client client(loop);
  ConnectOptions options = Client::options(silent.url(), "c");
  options.timeout = 1s;
  CHECK_FALSE(client.connect(options));
  REQUIRE(client.downs.size() == 1);
  CHECK(client.downs[0].fault == Fault::unreachable);
}
