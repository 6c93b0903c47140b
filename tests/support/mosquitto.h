#pragma once
// A real Mosquitto for scenario tests: on a free loopback port, ended by its pid, its log kept beside its
// configuration.

#include <cstdint>
#include <filesystem>
#include <string>

#include <sys/types.h>

#include "tests/support/temp_dir.h"

namespace tocsin::test {

class Mosquitto {
 public:
  // `extra`: lines for its configuration file. Waits until it takes connections; throws when it does not in 5
  // s.
  explicit Mosquitto(const std::string& extra = "");
  ~Mosquitto();
  Mosquitto(const Mosquitto&) = delete;
  Mosquitto& operator=(const Mosquitto&) = delete;

  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  std::filesystem::path folder() const { return dir_.path(); }

  void stop();    // kill -9: nobody is told
  void start();   // on the same port
  void freeze();  // SIGSTOP: connections stay, nothing is answered
  void thaw();    // SIGCONT

 private:
  TempDir dir_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

std::uint16_t free_port();  // of loopback; another program may take it before it is used

}  // namespace tocsin::test
