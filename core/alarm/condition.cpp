#include "core/alarm/condition.h"

#include "core/alarm/threshold.h"

namespace tocsin::alarm {
namespace {

constexpr std::size_t minutes_between_saves =
    5;  // of an exposure window: at most this much is lost in a crash

struct MemoryFor {
  Duration period;

  Memory operator()(const RateOfRise&) const { return RateWindow{}; }
  Memory operator()(const Stuck&) const { return StuckTimer{}; }
  Memory operator()(const NoData&) const { return SilenceTimer{}; }
  Memory operator()(const Twa&) const { return MinuteSlots(MinuteSlots::twa_minutes, period); }
  Memory operator()(const Stel&) const { return MinuteSlots(MinuteSlots::stel_minutes, period); }
  Memory operator()(const CoDose&) const { return DoseTimers{}; }
  template <class Plain>
  Memory operator()(const Plain&) const {
    return std::monostate{};
  }
};

struct OnSample {
  Memory& memory;
  const Value& value;
  MonoTime now;
  bool was;

  using Answer = std::optional<Finding>;

  Answer operator()(const Above& condition) const { return compare(condition); }
  Answer operator()(const Below& condition) const { return compare(condition); }

  Answer operator()(const AnyBit& condition) const {
    const auto bits = as_integer(value);
    if (!bits) return std::nullopt;
    return Finding{(static_cast<std::uint64_t>(*bits) & condition.mask) != 0, value};
  }
  Answer operator()(const Equals& condition) const {
    const auto member = as_integer(value);
    if (!member) return std::nullopt;
    return Finding{*member == condition.value, value};
  }
  Answer operator()(const RateOfRise& condition) const {
    const auto number = as_number(value);
    if (!number) return std::nullopt;
    const auto rate = std::get<RateWindow>(memory).add(*number, now, condition.window);
    if (!rate) return std::nullopt;
    return Finding{*rate >= condition.per_minute, *rate};
  }
  Answer operator()(const Stuck& condition) const {
    const auto result = std::get<StuckTimer>(memory).add(value, now, condition.longest);
    return Finding{result.present, value, result.save};
  }
  Answer operator()(const NoData&) const {
    std::get<SilenceTimer>(memory).last = now;
    return Finding{};
  }
  Answer operator()(const Twa& condition) const {
    auto& slots = std::get<MinuteSlots>(memory);
    if (!add_to(slots)) return std::nullopt;
    const double average = slots.twa();
    return Finding{average >= condition.limit, average, is_time_to_save(slots)};
  }
  Answer operator()(const Stel& condition) const {
    auto& slots = std::get<MinuteSlots>(memory);
    if (!add_to(slots)) return std::nullopt;
    const auto mean = slots.stel();
    if (!mean) return std::nullopt;
    return Finding{*mean >= condition.limit, *mean, is_time_to_save(slots)};
  }
  Answer operator()(const CoDose&) const {
    const auto ppm = as_number(value);
    if (!ppm) return std::nullopt;
    const auto result = std::get<DoseTimers>(memory).add(*ppm, now);
    return Finding{result.present, value, result.save};
  }

 private:
  template <class Limit>
  Answer compare(const Limit& condition) const {
    const auto number = as_number(value);
    if (!number) return std::nullopt;
    return Finding{is_met(condition, *number, was), value};
  }
  // True when a minute was completed: only then the averages say something new.
  bool add_to(MinuteSlots& slots) const {
    const auto number = as_number(value);
    return number && slots.add(*number, now) > 0;
  }
  static bool is_time_to_save(const MinuteSlots& slots) {
    return slots.minutes() % minutes_between_saves == 0;
  }
};

struct ThresholdOf {
  using Answer = std::optional<double>;
  Answer operator()(const RateOfRise& condition) const { return condition.per_minute; }
  template <class Any>
  Answer operator()(const Any& condition) const {
    if constexpr (requires { condition.limit; }) return condition.limit;
    return std::nullopt;
  }
};

}  // namespace

Memory memory_for(const Condition& condition, Duration period) {
  return std::visit(MemoryFor{period}, condition);
}

std::optional<Finding> on_sample(const Condition& condition, Memory& memory, const Value& value, MonoTime now,
                                 bool was) {
  return std::visit(OnSample{memory, value, now, was}, condition);
}

std::optional<double> threshold_of(const Condition& condition) {
  return std::visit(ThresholdOf{}, condition);
}

}  // namespace tocsin::alarm
