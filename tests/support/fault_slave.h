#pragma once
// A Modbus device with bad manners, written from the wire format up so that it shares no code with what it
// tests. Speaks RTU on a pseudo terminal or TCP on loopback; plays a trick on the next requests when told to.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "core/value/time.h"

namespace tocsin::test {

enum class Trick : std::uint8_t {
  none,
  silent,         // no answer
  late,           // the right answer after `delay`
  truncated,      // the first half of it
  dripped,        // one byte per `delay`
  wrong_unit,     // the answer in another unit's name
  foreign_first,  // another unit's frame, then the answer
  wrong_function,
  wrong_protocol,  // TCP: protocol identifier 1
  short_count,     // a byte count and data for one register too few
  echo,            // the request itself, then the answer
  noise,           // bytes before the answer
  bad_crc,         // RTU
  exception,       // illegal data address
  hang_up,         // TCP: closes the connection
  babble,          // bytes without end for `delay`, whoever is asked
};

class FaultSlave {
 public:
  enum class Link : std::uint8_t { rtu, tcp };

  explicit FaultSlave(Link link);
  ~FaultSlave();

  std::string port() const { return port_; }                      // a device path, or 127.0.0.1:port
  void set_bit(int unit, int address, bool on);                   // coil and discrete input alike
  void set_register(int unit, int address, std::uint16_t value);  // holding and input alike
  std::uint16_t get(int unit, bool bit, int address) const;
  void remove_unit(int unit);  // silent from now on
  // On the next requests, in order; of one unit, or of any (0).
  void play(Trick trick, Duration delay = {}, int times = 1, int unit = 0);
  void unplug();   // RTU: the adapter is gone
  void plug_in();  // and back, under another name
  int connections() const { return connections_; }

 private:
  using Bytes = std::vector<std::uint8_t>;
  struct Act {
    Trick trick = Trick::none;
    Duration delay{};
    int unit = 0;
  };
  void run();
  void serve(int fd);
  bool take_request(int fd, Bytes& input);
  void answer(int fd, const Bytes& header, const Bytes& request);
  Bytes reply_to(const Bytes& request);
  Bytes wrapped(const Bytes& header, Bytes message) const;
  void put(int fd, const Bytes& bytes) const;
  void rest(Duration time) const;
  Act next_act(int unit);
  void babble(int fd, Duration time) const;

  Link link_;
  std::string port_;   // before listener_: opening it tells the port
  int listener_ = -1;  // or the terminal's master side
  mutable std::mutex mutex_;
  std::map<std::tuple<int, bool, int>, std::uint16_t> memory_;
  std::deque<Act> acts_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace tocsin::test
