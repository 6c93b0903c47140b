#pragma once
// Warnings on stderr, each cause at most once a minute: one broken device must not fill a disk with one
// repeated line.

#include <cstdint>
#include <map>
#include <string>

#include "core/value/time.h"

namespace tocsin::cloud {

class Warnings {
 public:
  void warn(const std::string& cause, const std::string& detail, MonoTime now);

 private:
  struct Cause {
    MonoTime quiet_until{};
    std::uint64_t held_back = 0;
  };
  std::map<std::string, Cause> causes_;
};

}  // namespace tocsin::cloud
