#include "core/alarm/rate.h"

namespace tocsin::alarm {

std::optional<double> RateWindow::add(double value, MonoTime now, Duration window) {
  std::erase_if(samples_, [&](const Sample& sample) { return now - sample.at > window; });
  std::optional<double> per_minute;
  if (!samples_.empty() && now - samples_.front().at >= window / 2 && now > samples_.front().at) {
    const std::chrono::duration<double, std::ratio<60>> minutes = now - samples_.front().at;
    per_minute = (value - samples_.front().value) / minutes.count();
  }
  if (samples_.empty() || now - samples_.back().at >= window / capacity) samples_.push_back({now, value});
  return per_minute;
}

}  // namespace tocsin::alarm
