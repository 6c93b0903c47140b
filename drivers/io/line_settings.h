#pragma once

#include <string>

namespace tocsin::io {

struct LineSettings {
  std::string device;  // "/dev/ttyS1"
  int baud = 9600;
  char parity = 'N';  // N E O
  int stop_bits = 1;  // 1 or 2
};

}  // namespace tocsin::io
