#pragma once
// A device without a protocol: one space of registers, point n at its `address`, Modbus-like frame sizes.

#include "drivers/driver/driver.h"

namespace tocsin::driver {

class FakeDriver final : public Driver {
 public:
  explicit FakeDriver(std::shared_ptr<const Profile> profile) : profile_(std::move(profile)) {}

  std::vector<PollItem> items() const override {
    std::vector<PollItem> items;
    for (std::size_t i = 0; i < profile_->points.size(); ++i)
      items.push_back(
          {i, 0, static_cast<std::uint32_t>(std::get<std::int64_t>(profile_->points[i].source.at("address"))),
           1});
    return items;
  }
  std::uint32_t longest_span(int) const override {
    return static_cast<std::uint32_t>(profile_->limits.max_registers);
  }
  FrameSizes read_sizes(const Span& span) const override { return {8, 5 + 2 * span.count, 1}; }
  std::unique_ptr<Exchange> read(const Span&) const override { return nullptr; }
  bool splitting_helps(int code) const override { return code == 2; }
  Result<std::unique_ptr<Exchange>> write(std::size_t, const Value&) const override {
    return fail(Fault::unsupported, "a fake");
  }
  FrameSizes write_sizes(std::size_t) const override { return {16, 15, 2}; }

 private:
  std::shared_ptr<const Profile> profile_;
};

inline PointSpec fake_point(const std::string& name, std::int64_t address, Duration period,
                            bool life_safety = false) {
  PointSpec spec;
  spec.name = name;
  spec.source = {{"address", address}};
  spec.period = period;
  spec.life_safety = life_safety;
  return spec;
}

inline PlannedDevice fake_device(const std::string& name, std::vector<PointSpec> points, Limits limits = {}) {
  auto profile = std::make_shared<Profile>();
  profile->name = "test/fake";
  profile->points = std::move(points);
  profile->limits = limits;
  return {{name, profile, "1", {}, {}}, std::make_shared<FakeDriver>(profile)};
}

}  // namespace tocsin::driver
