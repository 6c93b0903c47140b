#pragma once
// Modbus slaves in a process of their own, so that their CPU time is not counted with the master's. Any unit
// answers function 3 with zeros; what they saw lies in memory that both processes share.

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include <sys/types.h>

namespace tocsin::bench {

struct SlaveCounts {
  static constexpr std::size_t units = 256;
  struct Unit {
    std::atomic<std::uint64_t> requests;
    std::atomic<std::int64_t> last_ns;   // steady clock, of the newest request
    std::atomic<std::uint64_t> missed;   // periods without a request
    std::atomic<std::int64_t> first_ns;  // since `clear`
  };
  std::array<Unit, units> unit;
  std::atomic<std::uint64_t> requests;  // of all units
  std::atomic<int> silent_unit;         // 0: all answer
  std::atomic<std::int64_t> period_ns;  // of `missed`; 0: not counted

  void clear();
};

class SlaveBank {
 public:
  // TCP on one free loopback port, any number of connections.
  static SlaveBank on_tcp(int cpu);
  // A pseudo terminal with the times of a real line: 11 bits a character, 3.5 characters of silence before
  // each frame. A request that comes too early waits for that silence, as the wire would have it.
  static SlaveBank on_line(int baud);
  SlaveBank(SlaveBank&& other) noexcept;
  ~SlaveBank();

  const std::string& port() const { return port_; }  // host:port or the path of the terminal
  SlaveCounts& counts() { return *counts_; }

 private:
  SlaveBank();

  SlaveCounts* counts_ = nullptr;
  std::string port_;
  pid_t pid_ = -1;
  int terminal_ = -1;  // the slave side, held open so that the master side never sees a hang-up
};

void pin_to(int cpu);  // the calling thread and those it makes; -1: anywhere

}  // namespace tocsin::bench
