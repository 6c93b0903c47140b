#pragma once
// A token bucket: `burst` at once, then one each `every`. Pure.

#include <algorithm>
#include <cstdint>

#include "core/value/time.h"

namespace tocsin::command {

class Bucket {
 public:
  Bucket(int burst, Duration every) : burst_(burst), every_(every), tokens_(burst) {}

  bool take(MonoTime now) {
    if (last_ == MonoTime{}) last_ = now;
    const auto gained = (now - last_) / every_;
    if (gained > 0) {
      tokens_ = static_cast<int>(std::min<std::int64_t>(burst_, tokens_ + gained));
      last_ += gained * every_;
    }
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

 private:
  int burst_;
  Duration every_;
  int tokens_;
  MonoTime last_{};
};

}  // namespace tocsin::command
