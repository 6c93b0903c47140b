#include "drivers/gb26875/time_label.h"

#include <doctest/doctest.h>

namespace tocsin::gb26875 {

TEST_CASE("labels are binary and come back") {
  const TimeLabel label{0x20, 0x3a, 0x09, 0x1a, 0x09, 0x0c};
  CHECK(to_string(from_binary(label).value()) == "2012-09-26T09:58:32");
  CHECK(to_label(from_binary(label).value()) == label);
}

TEST_CASE("the last second of the century") {
  const TimeLabel label{59, 59, 23, 31, 12, 99};
  CHECK(to_string(from_binary(label).value()) == "2099-12-31T23:59:59");
  CHECK(to_label(from_binary(label).value()) == label);
}

TEST_CASE("fields out of range give no time") {
  const TimeLabel good{0, 0, 0, 29, 2, 24};  // a leap day
  CHECK(from_binary(good).has_value());
  const std::array<TimeLabel, 9> bad{{{60, 0, 0, 1, 1, 24},
                                      {0, 60, 0, 1, 1, 24},
                                      {0, 0, 24, 1, 1, 24},
                                      {0, 0, 0, 0, 1, 24},
                                      {0, 0, 0, 32, 1, 24},
                                      {0, 0, 0, 1, 0, 24},
                                      {0, 0, 0, 1, 13, 24},
                                      {0, 0, 0, 1, 1, 100},
                                      {0, 0, 0, 29, 2, 23}}};
  for (const TimeLabel& label : bad) CHECK_FALSE(from_binary(label).has_value());
}

TEST_CASE("BCD is tried only when binary makes no sense") {
  const TimeLabel bcd{0x32, 0x58, 0x09, 0x26, 0x09, 0x12};  // 0x58 minutes are no binary minutes
  CHECK_FALSE(from_binary(bcd).has_value());
  CHECK(to_string(to_time(bcd).value()) == "2012-09-26T09:58:32");
  const TimeLabel both{0x10, 0x10, 0x10, 0x10, 0x10, 0x10};
  CHECK_FALSE(from_binary(both).has_value());  // month 16
  CHECK(to_string(to_time(both).value()) == "2010-10-10T10:10:10");
  const TimeLabel either{0x05, 0x09, 0x09, 0x15, 0x07, 0x15};
  CHECK(to_string(to_time(either).value()) == "2021-07-21T09:09:05");
  CHECK_FALSE(to_time({0x3B, 0x3C, 0, 1, 1, 24}).has_value());
}

}  // namespace tocsin::gb26875
