// tocsin-bench-registers PORT BROKER PERIOD_MS: the reference of `bench gateway`. Reads 1,000 input registers
// with libmodbus, and publishes them with Paho, packed, one message a tick. No disk, no checks, no
// acknowledgement. A program of its own, so that its processor time can be told from the bench's.

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <modbus/modbus.h>

#include "tests/bench/subscriber.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: tocsin-bench-registers PORT BROKER PERIOD_MS\n");
    return 2;
  }
  constexpr int registers = 1000, at_once = 125;
  modbus_t* link = modbus_new_tcp("127.0.0.1", std::stoi(argv[1]));
  if (modbus_connect(link) != 0) return 1;
  tocsin::bench::BareClient client(argv[2], "bare-registers", "", nullptr);
  const std::chrono::milliseconds period(std::stoi(argv[3]));
  std::vector<std::uint16_t> values(registers);
  for (auto next = std::chrono::steady_clock::now();; next += period) {
    std::this_thread::sleep_until(next);
    for (int first = 0; first < registers; first += at_once)
      if (modbus_read_input_registers(link, first, at_once, &values[static_cast<std::size_t>(first)]) !=
          at_once)
        return 1;
    client.publish("bare/registers",
                   {reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]});
  }
}
