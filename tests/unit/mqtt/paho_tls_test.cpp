// TLS both ways, with certificates made for the test.

#include <cstdlib>

#include <doctest/doctest.h>

#include "tests/support/mosquitto.h"
#include "tests/unit/mqtt/client.h"

using namespace tocsin;
using namespace tocsin::mqtt;
using namespace tocsin::mqtt::test;

namespace {

// A CA and two certificates of it: "server" for the given name, "client".
struct Certificates {
  explicit Certificates(const std::string& server_name) {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout "
        "ca.key -out ca.crt");
    issue("server", "subjectAltName=" + server_name);
    issue("client", "extendedKeyUsage=clientAuth");
  }
  void issue(const std::string& name, const std::string& extension) {
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
        name + ".key -out " + name + ".csr");
    run("echo " + extension + " > " + name + ".ext");
    run("openssl x509 -req -in " + name + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile " +
        name + ".ext -out " + name + ".crt");
  }
  void run(const std::string& command) {
    const std::string all = "cd " + dir.path().string() + " && " + command + " 2>/dev/null";
    REQUIRE(std::system(all.c_str()) == 0);
  }
  std::string file(const std::string& name) const { return (dir / name).string(); }
  Credentials credentials() const { return {file("ca.crt"), file("client.crt"), file("client.key")}; }

  tocsin::test::TempDir dir;
};

std::string tls_listener(std::uint16_t port, const Certificates& certificates) {
  return "listener " + std::to_string(port) + " 127.0.0.1\ncafile " + certificates.file("ca.crt") +
         "\ncertfile " + certificates.file("server.crt") + "\nkeyfile " + certificates.file("server.key") +
         "\nrequire_certificate true\nuse_identity_as_username true\n";
}

std::string tls_url(std::uint16_t port) {
  return "mqtts://127.0.0.1:" + std::to_string(port);
}

}  // namespace

TEST_CASE("with certificates of one CA both sides agree") {
  const Certificates certificates("IP:127.0.0.1");
  const std::uint16_t port = tocsin::test::free_port();
  const tocsin::test::Mosquitto broker(tls_listener(port, certificates));
  Loop loop;
  Client client(loop);
  ConnectOptions options = Client::options(tls_url(port), "client");
  options.credentials = certificates.credentials();
  REQUIRE(client.connect(options));
  REQUIRE(client.publish(1, "t", "x"));
  CHECK(client.reason_of_last(1) == 0);
}

TEST_CASE("a broker of another CA, one of another name, and a client without certificate are refused") {
  const Certificates certificates("IP:127.0.0.1");
  const std::uint16_t port = tocsin::test::free_port();
  const tocsin::test::Mosquitto broker(tls_listener(port, certificates));
  Loop loop;
  Client client(loop);
  ConnectOptions options = Client::options(tls_url(port), "client");
  SUBCASE("another CA") {
    const Certificates foreign("IP:127.0.0.1");
    options.credentials = {foreign.file("ca.crt"), certificates.file("client.crt"),
                           certificates.file("client.key")};
    CHECK_FALSE(client.connect(options));
  }
  SUBCASE("no client certificate") {
    options.credentials.ca = certificates.file("ca.crt");
    CHECK_FALSE(client.connect(options));
  }
  SUBCASE("another name") {
    const Certificates elsewhere("DNS:elsewhere.example");
    const std::uint16_t other = tocsin::test::free_port();
    const tocsin::test::Mosquitto impostor(tls_listener(other, elsewhere));
    options.broker = tls_url(other);
    options.credentials = elsewhere.credentials();
    CHECK_FALSE(client.connect(options));
  }
}
