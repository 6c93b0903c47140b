// Conversations that need more than one answer, or a second way of asking, with simulated meters at the other
// end.

#include <doctest/doctest.h>

#include "drivers/driver/planned_read.h"
#include "drivers/io/pump.h"
#include "drivers/io/registry.h"
#include "tests/support/meter_line.h"

namespace tocsin::io {
namespace {

using test::MeterLine;
using Source = std::map<std::string, Value>;

const UtcTime now = *from_rfc3339("2026-11-22T10:00:00.000+08:00");

struct Bench {
  Bench(const std::string& meter, const std::string& protocol, std::vector<Source> sources,
        driver::ValveControl valve = driver::ValveControl::none, const std::string& type = "",
        const std::string& unit = "") {
    meters.push_back(*sim::parse_meter(meter, now));
    auto profile = std::make_shared<driver::Profile>();
    profile->protocol = protocol;
    for (const auto& source : sources) {
      driver::PointSpec spec;
      spec.name = "p" + std::to_string(profile->points.size());
      spec.source = source;
      spec.unit = unit;
      spec.writable = source.count("field") != 0 && source.at("field") == Value(std::string("valve"));
      profile->points.push_back(spec);
    }
    driver::DeviceSpec device{"m", profile, type + meters[0].address, {}, {}, valve};
    auto made = make_device(device);
    REQUIRE(made.has_value());
    planned = *made;
  }

  Result<driver::Samples> read() {
    const auto reads = driver::planned_reads({planned}, driver::serial_line(2400, 'E', 1));
    return hold(planned.driver->read(reads.at(0).span));
  }
  Result<driver::Samples> write(bool level) {
    auto exchange = planned.driver->write(0, Value(level));
    if (!exchange) return exchange.error();
    return hold(std::move(*exchange));
  }
  Result<driver::Samples> hold(std::unique_ptr<driver::Exchange> exchange) {
    const auto& frames = find_protocol(planned.spec.profile->protocol)->frames();
    return pump(line, frames, *exchange, {100ms, 0ms}, [](char, ByteView) {}).samples;
  }

  std::vector<sim::Meter> meters;
  driver::PlannedDevice planned;
  MeterLine line{meters};
};

Source text(std::initializer_list<std::pair<const char*, const char*>> pairs) {
  Source source;
  for (const auto& [key, value] : pairs) source[key] = std::string(value);
  return source;
}

const Source either{text({{"id", "00010000"}, {"id1997", "9010"}})};

std::optional<Fault> fault_of(const Result<driver::Samples>& samples) {
  return samples ? std::nullopt : std::optional(samples.error().fault);
}

double number(const Result<driver::Samples>& samples, std::size_t index = 0) {
  REQUIRE_MESSAGE(samples.has_value(), (samples ? "" : to_string(samples.error())));
  return as_number(samples->at(index).value).value_or(-1);
}

}  // namespace

TEST_CASE("a 645 block that is split into frames is put together, in both editions") {
  Source last = text({{"id", "0001FF00"}});
  last["field"] = std::int64_t{4};
  Bench bench("dlt645-2007:181226034194,total=4000.00,split=6", "dlt645", {text({{"id", "0001FF00"}}), last});
  const auto samples = bench.read();
  REQUIRE(samples.has_value());
  CHECK(number(samples, 0) == doctest::Approx(4000));
  CHECK(number(samples, 1) == doctest::Approx(1000));
  CHECK(bench.line.requests == 4);  // 20 bytes, six in a frame

  Bench old("dlt645-1997:181226034194,total=4000.00,split=8", "dlt645",
            {text({{"id", "901F"}, {"edition", "1997"}})});
  CHECK(number(old.read()) == doctest::Approx(4000));
  CHECK(old.line.requests == 2);
}

TEST_CASE("a following frame that is lost or comes twice gives no value") {
  Bench bench("dlt645-2007:181226034194,total=4000.00,split=8", "dlt645", {text({{"id", "0001FF00"}})});
  bench.line.spoil = [first = Bytes{}](Bytes& answer) mutable {
    if (!first.empty() && first.size() != answer.size()) answer = first;  // the first following frame again
    if (!answer.empty() && (answer[8] & 0x1F) == 0x12 && first.empty()) first = answer;
  };
  const auto samples = bench.read();
  REQUIRE_FALSE(samples.has_value());
  CHECK(samples.error().fault == Fault::wrong_answer);
}

TEST_CASE("a meter that never ends is refused") {
  Bench bench("dlt645-2007:181226034194,split=1", "dlt645", {text({{"id", "00010000"}})});
  bench.line.spoil = [](Bytes& answer) {
    if ((answer[8] & 0x20) != 0) return;
    answer[8] = static_cast<std::uint8_t>(answer[8] | 0x20);
    answer[answer.size() - 2] = static_cast<std::uint8_t>(answer[answer.size() - 2] + 0x20);
  };
  CHECK_FALSE(bench.read().has_value());
  CHECK(bench.line.requests < 40);
}

TEST_CASE("the edition is found by asking, and remembered") {
  Bench bench("dlt645-1997:181226034194,total=77.01", "dlt645", {either});
  CHECK(fault_of(bench.read()) == Fault::timeout);  // asked as 2007
  CHECK(number(bench.read()) == doctest::Approx(77.01));
  for (int i = 0; i < 5; ++i) CHECK(number(bench.read()) == doctest::Approx(77.01));

  Bench modern("dlt645-2007:181226034194,total=88.02", "dlt645", {either});
  for (int i = 0; i < 5; ++i) CHECK(number(modern.read()) == doctest::Approx(88.02));
}

TEST_CASE("a few lost answers do not change the edition, a replaced meter does") {
  Bench bench("dlt645-2007:181226034194,total=88.02", "dlt645", {either});
  CHECK(number(bench.read()) == doctest::Approx(88.02));
  bench.line.spoil = [](Bytes& answer) { answer.clear(); };
  for (int i = 0; i < 6; ++i) CHECK_FALSE(bench.read().has_value());
  bench.line.spoil = nullptr;
  CHECK(number(bench.read()) == doctest::Approx(88.02));
  bench.meters[0].kind = sim::MeterKind::dlt645_1997;
  int tries = 1;
  while (!bench.read().has_value() && tries < 50) ++tries;
  CHECK(tries < 12);
}

TEST_CASE("a 1997 meter that refuses the new function is asked in its own way at once") {
  Bench bench("dlt645-1997:181226034194,total=77.01", "dlt645", {either});
  bench.line.spoil = [&](Bytes& answer) {
    if (!answer.empty()) return;
    answer = {0x68, 0, 0, 0, 0, 0, 0, 0x68, 0xC1, 1, 0x35};
    const Bytes address = sim::reversed_digits("181226034194", 6);
    std::copy(address.begin(), address.end(), answer.begin() + 1);
    answer.push_back(sim::checksum(answer));
    answer.push_back(0x16);
  };
  CHECK(number(bench.read()) == doctest::Approx(77.01));
  CHECK(bench.line.requests == 2);
}

TEST_CASE("a daily frozen total comes with its day, and never with another") {
  const Source frozen = text({{"id", "05060101"}, {"time", "05060001"}});
  Bench bench("dlt645-2007:181226034194,total=500", "dlt645", {frozen});
  bench.meters[0].total = 512;
  const auto samples = bench.read();
  REQUIRE(samples.has_value());
  CHECK(number(samples) == doctest::Approx(500));
  CHECK(samples->front().t_source == *from_rfc3339("2026-11-22T00:00:00.000+08:00"));

  bench.line.before_answer = [&](int request) {  // midnight between the reads
    if (request == 6) bench.meters[0].advance(1s, now + std::chrono::hours(24));
  };
  CHECK(fault_of(bench.read()) == Fault::not_agreed);
  const auto next = bench.read();
  REQUIRE(next.has_value());
  CHECK(number(next) == doctest::Approx(512.0));
  CHECK(next->front().t_source == *from_rfc3339("2026-11-23T00:00:00.000+08:00"));
}

TEST_CASE("CJ/T 188 meters are asked in the order they want") {
  for (const auto* order : {"high", "low"}) {
    Bench bench(std::string("water:00000010000192,total=88.1,order=") + order, "cjt188",
                {text({{"field", "current_total"}})});
    int failed = 0;
    while (!bench.read().has_value()) ++failed;
    CHECK(failed <= 1);
    for (int i = 0; i < 5; ++i) CHECK(number(bench.read()) == doctest::Approx(88.1));
  }
}

TEST_CASE("a total in another unit than the profile's is no value") {
  for (const auto& [unit, good] : {std::pair{"kWh", true}, std::pair{"GJ", false}}) {
    Bench bench("heat:00000010000192,total=88.1", "cjt188", {text({{"field", "current_heat"}})},
                driver::ValveControl::none, "", unit);
    const auto samples = bench.read();
    REQUIRE(samples.has_value());
    CHECK((samples->front().quality == Quality::good) == good);
    CHECK(has_value(samples->front().value) == good);
  }
}

TEST_CASE("a valve is moved only with permission, and its state is read back") {
  const std::vector<Source> valve{text({{"field", "valve"}})};
  Bench water("water:00000010000192,order=low", "cjt188", valve, driver::ValveControl::open_and_close, "10/");
  (void)water.read();  // finds the order
  const auto closed = water.write(true);
  REQUIRE(closed.has_value());
  CHECK(closed->front().value == Value(true));
  CHECK(water.meters[0].valve_closed);
  REQUIRE(water.write(false).has_value());
  CHECK_FALSE(water.meters[0].valve_closed);

  Bench forbidden("water:00000010000192", "cjt188", valve, driver::ValveControl::none, "10/");
  CHECK(fault_of(forbidden.write(true)) == Fault::refused);
  CHECK(forbidden.line.requests == 0);
  Bench close_only("water:00000010000192,valve=closed", "cjt188", valve, driver::ValveControl::close, "10/");
  CHECK(fault_of(close_only.write(false)) == Fault::refused);
  CHECK(close_only.meters[0].valve_closed);
}

TEST_CASE("a gas valve closes and is never opened, whatever the permission; unknown types count as gas") {
  const std::vector<Source> valve{text({{"field", "valve"}})};
  for (const auto* type : {"30/", "31/", ""}) {
    Bench gas("gas:00000010000192", "cjt188", valve, driver::ValveControl::open_and_close, type);
    REQUIRE(gas.write(true).has_value());
    CHECK(gas.meters[0].valve_closed);
    const int before = gas.line.requests;
    CHECK(fault_of(gas.write(false)) == Fault::refused);
    CHECK(gas.line.requests == before);
    CHECK(gas.meters[0].valve_closed);
  }
}

TEST_CASE("M-Bus records are collected from all telegrams of an answer") {
  Bench bench("mbus-heat:5,total=500,split=2,serial=12345678", "mbus",
              {text({{"vif", "06"}}), text({{"vif", "5E"}}), text({{"header", "id"}})});
  const auto samples = bench.read();
  REQUIRE(samples.has_value());
  CHECK(number(samples, 0) == doctest::Approx(500));
  CHECK(number(samples, 1) == doctest::Approx(41.2));
  CHECK(samples->at(2).value == Value(std::string("12345678")));
  CHECK(bench.line.requests == 4);  // reset, three telegrams
}

TEST_CASE("two M-Bus meters at one address are noticed, and an encrypted answer is not read") {
  Bench bench("mbus-heat:5,total=500,split=3", "mbus", {text({{"vif", "06"}})});
  bench.line.before_answer = [&](int request) {
    if (request == 3) bench.meters[0].serial = "99999999";
  };
  CHECK(fault_of(bench.read()) == Fault::wrong_answer);

  Bench secret("mbus-water:5,total=500", "mbus", {text({{"vif", "13"}})});
  secret.line.spoil = [](Bytes& answer) {
    if (answer.size() < 20) return;
    answer[17] = 5;  // signature
    answer[answer.size() - 2] = static_cast<std::uint8_t>(answer[answer.size() - 2] + 5);
  };
  CHECK(fault_of(secret.read()) == Fault::unsupported);
}

}  // namespace tocsin::io
