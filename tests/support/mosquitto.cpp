#include "tests/support/mosquitto.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tocsin::test {
namespace {

constexpr const char* program = "/usr/sbin/mosquitto";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool takes_connections(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(fd);
  return connected;
}

}  // namespace

// Below the range that the kernel gives to outgoing connections (32768 up): none of those can take the port
// while the broker is down between stop() and start().
std::uint16_t free_port() {
  std::random_device seed;
  std::uniform_int_distribution<std::uint16_t> any(15'000, 32'000);
  for (int tries = 0; tries < 1'000; ++tries) {
    const std::uint16_t port = any(seed);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(fd);
    if (bound) return port;
  }
  throw std::runtime_error("no free port");
}

Mosquitto::Mosquitto(const std::string& extra) : port_(free_port()) {
  std::ofstream conf(dir_ / "mosquitto.conf");
  conf << "listener " << port_
       << " 127.0.0.1\nallow_anonymous true\npersistence false\nmax_inflight_messages 50\n"
       << "set_tcp_nodelay true\n"
       << (::geteuid() == 0 ? "user root\n" : "")  // or it could not read the files of the test
       << extra;
  conf.close();
  start();
}

Mosquitto::~Mosquitto() {
  stop();
}

void Mosquitto::start() {
  if (pid_ > 0) return;
  const std::string conf = dir_ / "mosquitto.conf";
  const std::string log = dir_ / "mosquitto.log";
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no broker stays behind when the test is killed
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(fd, STDOUT_FILENO);
    ::dup2(fd, STDERR_FILENO);
    ::execl(program, program, "-c", conf.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  for (int tries = 0; tries < 500; ++tries) {
    if (takes_connections(port_)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  stop();
  throw std::runtime_error(std::string(program) + " does not start");
}

void Mosquitto::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Mosquitto::freeze() {
  ::kill(pid_, SIGSTOP);
}
void Mosquitto::thaw() {
  ::kill(pid_, SIGCONT);
}

}  // namespace tocsin::test
