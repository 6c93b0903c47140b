#pragma once
// A Modbus TCP device of 1,000 input registers that wander by a tenth now and then. Register 0 counts the
// reads of the first span: every read that was served can be found again, once. A thread of its own.

#include <atomic>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

namespace tocsin::bench {

class RegisterSlave {
 public:
  static constexpr std::uint16_t registers = 1000;

  RegisterSlave();
  ~RegisterSlave();
  RegisterSlave(const RegisterSlave&) = delete;
  RegisterSlave& operator=(const RegisterSlave&) = delete;

  int port() const { return port_; }
  std::uint64_t ticks() const { return ticks_; }  // so often was the first span read

 private:
  void serve();
  bool answer(int line);
  void tick();

  int listener_ = -1, port_ = 0;
  std::vector<std::uint16_t> values_;
  std::mt19937 random_{1};
  std::atomic<std::uint64_t> ticks_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace tocsin::bench
