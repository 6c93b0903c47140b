#pragma once
// Rate of rise over a sliding window.

#include <optional>
#include <vector>

#include "core/alarm/rule.h"

namespace tocsin::alarm {

class RateWindow {
 public:
  // Rise per minute from the oldest sample in the window to this one; nothing until half of the window is
  // covered, so that the noise of two neighbouring samples is no rise.
  std::optional<double> add(double value, MonoTime now, Duration window);

  template <class Archive, class Self>
  static void persist(Archive& archive, Self& self) {
    archive.list(self.samples_, capacity + 1, [&](auto& sample) {
      archive.time(sample.at);
      archive.real(sample.value);
    });
  }

 private:
  static constexpr int capacity = 60;  // samples closer together than window / capacity are not kept
  struct Sample {
    MonoTime at{};
    double value = 0;
  };
  std::vector<Sample> samples_;  // oldest first
};

}  // namespace tocsin::alarm
