// What happens when a device comes back: step by step, without a bus.

#include <doctest/doctest.h>

#include "drivers/driver/poll_plan.h"
#include "tests/unit/driver/fake_driver.h"

namespace tocsin::driver {

TEST_CASE("a device that has just come back is lost by one failure, and its values need two reads again") {
  PollPlan plan({fake_device("a", {fake_point("smoke", 0, 1s, true)})}, serial_line(9600, 'N', 1));
  const Result<Samples> clear{Samples{{0, false, Quality::good, std::nullopt}}};
  MonoTime now{};
  int conversations = 0;
  const auto talk = [&](const Result<Samples>& answer) {
    Decision decision = plan.next(now, false);
    while (decision.kind == Decision::Kind::wait) {
      now = decision.until;
      decision = plan.next(now, false);
    }
    ++conversations;
    now += 50ms;
    return plan.finished(now - 50ms, now, answer);
  };

  while (talk(clear).publish.empty()) continue;
  conversations = 0;
  while (talk(fail(Fault::timeout)).online != false) continue;
  CHECK(conversations == 3);
  CHECK(talk(clear).online == true);       // the probe
  CHECK(talk(clear).publish.empty());      // first read
  CHECK(talk(clear).publish.size() == 1);  // second
  CHECK(talk(fail(Fault::timeout)).online == false);
}

}  // namespace tocsin::driver
