#include "drivers/driver/agreement.h"

#include <algorithm>
#include <cmath>

namespace tocsin::driver {

namespace {

constexpr double share_of_range = 0.02;
constexpr double share_of_value = 0.05;

// A number without a unit is a status word: one bit of it may be the alarm.
bool is_measured(const PointSpec& point, const Value& value) {
  return !point.unit.empty() && point.states.empty() &&
         (std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value));
}

}  // namespace

bool agree(const PointSpec& point, const Value& a, const Value& b) {
  if (a == b) return true;
  if (!is_measured(point, a) || !is_measured(point, b)) return false;
  const double x = *as_number(a);
  const double y = *as_number(b);
  const double allowed = point.min && point.max ? share_of_range * (*point.max - *point.min)
                                                : share_of_value * std::max(std::abs(x), std::abs(y));
  return std::abs(x - y) <= allowed;
}

bool Agreement::needs_second(const Sample& sample) const {
  const PointSpec& point = profile_->points.at(sample.point);
  if (!point.life_safety || sample.quality == Quality::bad) return false;
  const auto known = accepted_.find(sample.point);
  return known == accepted_.end() || !agree(point, known->second, sample.value);
}

void Agreement::accept(const Sample& sample) {
  if (sample.quality != Quality::bad && profile_->points.at(sample.point).life_safety)
    accepted_[sample.point] = sample.value;
}

bool Agreement::same(const Sample& a, const Sample& b) const {
  return a.quality == b.quality && a.fault == b.fault &&
         agree(profile_->points.at(a.point), a.value, b.value);
}

}  // namespace tocsin::driver
