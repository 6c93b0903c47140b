#include "drivers/driver/agreement.h"

#include <doctest/doctest.h>

#include "tests/unit/driver/fake_driver.h"

namespace tocsin::driver {

TEST_CASE("bits, states and status words agree only when they are equal") {
  const PointSpec status = fake_point("status", 0, 1s, true);
  CHECK(agree(status, true, true));
  CHECK_FALSE(agree(status, true, false));
  CHECK_FALSE(agree(status, std::int64_t{0x0200}, std::int64_t{0x0201}));
  CHECK_FALSE(agree(status, Value{}, std::int64_t{0}));
}

TEST_CASE("a measured number may move a little") {
  PointSpec gas = fake_point("gas", 0, 1s, true);
  gas.unit = "%LEL";
  CHECK(agree(gas, 20.0, 20.9));
  CHECK_FALSE(agree(gas, 20.0, 25.0));
  CHECK_FALSE(agree(gas, 0.0, 1.0));
  gas.min = 0;
  gas.max = 100;
  CHECK(agree(gas, 0.0, 2.0));
  CHECK_FALSE(agree(gas, 20.0, 22.5));
}

TEST_CASE("only a life-safety value that changed needs a second read") {
  Profile profile;
  profile.points = {fake_point("smoke", 0, 1s, true), fake_point("level", 1, 1s)};
  Agreement agreement(profile);
  const Sample clear{0, false, Quality::good, std::nullopt};
  const Sample smoke{0, true, Quality::good, std::nullopt};
  CHECK(agreement.needs_second(clear));  // nothing is known yet
  agreement.accept(clear);
  CHECK_FALSE(agreement.needs_second(clear));
  CHECK(agreement.needs_second(smoke));
  CHECK_FALSE(agreement.needs_second({1, std::int64_t{5}, Quality::good, std::nullopt}));
  CHECK_FALSE(agreement.needs_second(bad_sample(0, Fault::warming_up)));
  agreement.accept(bad_sample(0, Fault::warming_up));
  CHECK_FALSE(agreement.needs_second(clear));  // a bad sample is no value to remember
  agreement.forget();
  CHECK(agreement.needs_second(clear));
}

}  // namespace tocsin::driver
