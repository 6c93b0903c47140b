// The simulated meters against the drivers' codecs, which are written apart from them, and against captured
// frames.

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/cjt188/payload.h"
#include "drivers/dlt645/values.h"
#include "drivers/mbus/application.h"
#include "simulators/devices/line_faults.h"
#include "simulators/devices/meter_answers.h"

namespace tocsin::sim {
namespace {

const UtcTime now = *from_rfc3339("2026-11-22T10:00:00.000+08:00");

Meter meter_of(const std::string& text) {
  auto meter = parse_meter(text, now);
  REQUIRE(meter.has_value());
  return *meter;
}

Bytes ask_645(Meter& meter, std::uint8_t control, Bytes data) {
  dlt645::Frame request{{}, control, std::move(data)};
  const Bytes address = reversed_digits(meter.address, 6);
  std::copy(address.begin(), address.end(), request.address.begin());
  return answer(meter, *dlt645::build_frame(request));
}

std::string total_of(Meter& meter, std::uint32_t id, dlt645::Edition edition) {
  const Bytes whole =
      ask_645(meter, edition == dlt645::Edition::v2007 ? 0x11 : 0x01, dlt645::write_identifier(id, edition));
  const auto frame = dlt645::parse_frame(whole);
  REQUIRE(frame.has_value());
  const auto values = dlt645::read_values(id, edition, dlt645::answer_data(*frame, edition));
  REQUIRE_FALSE(values.empty());
  return values.front().text;
}

}  // namespace

TEST_CASE("a simulated electricity meter is understood in both editions") {
  Meter m2007 = meter_of("dlt645-2007:181226034194,total=1234.56");
  CHECK(total_of(m2007, 0x00010000, dlt645::Edition::v2007) == "1234.56");
  CHECK(total_of(m2007, 0x0001FF00, dlt645::Edition::v2007) == "1234.56");
  CHECK(total_of(m2007, 0x05060001, dlt645::Edition::v2007) == "2026-11-22T00:00");
  Meter m1997 = meter_of("dlt645-1997:000000000001,total=77.01");
  CHECK(total_of(m1997, 0x9010, dlt645::Edition::v1997) == "77.01");
  CHECK(ask_645(m1997, 0x11, {0, 0, 1, 0}).empty());  // it never heard of 2007
}

TEST_CASE("the register has 8 digits and rolls over") {
  Meter meter = meter_of("dlt645-2007:000000000001,total=999999.99,rate=3.6");
  meter.advance(10s, now);
  CHECK(total_of(meter, 0x00010000, dlt645::Edition::v2007) == "0.00");
  CHECK(meter_of("water:00000000000001,total=0.1").hundredths() == 10);
}

TEST_CASE("a simulated water meter answers like the captured one, in the order it was asked") {
  Meter meter = meter_of("water:00000010000192,total=2222");
  for (const auto* order : {"901f", "1f90"}) {
    const std::string head = std::string("6810920100100000000103") + order + "01";
    Bytes request = *bytes::from_hex(head);
    request.push_back(checksum(request));
    request.push_back(0x16);
    const std::string answered = bytes::to_hex(answer(meter, request));
    // source: vector of a water meter, up to the total and its unit
    CHECK(answered.substr(0, 38) == std::string("68109201001000000081") + "16" + order + "01" + "002222002c");
  }
  meter.order = DiOrder::low_first;
  CHECK(answer(meter, *bytes::from_hex("6810920100100000000103901f00ce16")).empty());
}

TEST_CASE("simulated heat meters have both layouts") {
  for (const auto& [kind, size] : {std::pair{"heat", 0x2E}, std::pair{"heat-short", 0x2B}}) {
    Meter meter = meter_of(std::string(kind) + ":00000010000192,total=500.25");
    const auto frame =
        cjt188::parse_frame(answer(meter, *bytes::from_hex("6820920100100000000103901f00de16")));
    REQUIRE(frame.has_value());
    CHECK(frame->data.size() == static_cast<std::size_t>(size));
    const auto values = cjt188::read_values(*frame);
    REQUIRE(values.size() == 10);
    CHECK(values[1].number->to_double() == doctest::Approx(500.25));
    CHECK(values[5].number->to_double() == doctest::Approx(61.25));
  }
}

TEST_CASE("a simulated M-Bus meter goes on when the FCB changes, and repeats when it does not") {
  Meter meter = meter_of("mbus-heat:5,total=500,split=4");
  CHECK(answer(meter, *bytes::from_hex("1040054516")) == Bytes{0xE5});
  const auto parsed = [&](const char* request) {
    const auto frame = mbus::parse_frame(answer(meter, *bytes::from_hex(request)));
    REQUIRE(frame.has_value());
    return mbus::parse_application(*frame)->records.value();
  };
  const auto first = parsed("107b058016");
  CHECK(first.more_follow);
  CHECK(first.records.size() == 4);
  CHECK(mbus::scaled_value(first.records[0])->real == doctest::Approx(500));
  CHECK(parsed("107b058016").records.size() == 4);
  const auto rest = parsed("105b056016");
  CHECK_FALSE(rest.more_follow);
  CHECK(rest.records.size() == 2);
}

TEST_CASE("a request is found behind noise and behind a request to another") {
  std::vector<Meter> meters{meter_of("water:00000010000192"), meter_of("mbus-water:5")};
  const Bytes input = *bytes::from_hex("0068ff1040064616 6810920100100000000103901f00ce16");
  const Found found = find_request(meters, input);
  REQUIRE(found.request.has_value());
  CHECK(found.meter == &meters[0]);
  CHECK(found.skip == input.size());
}

TEST_CASE("faults come from the seed and take the line's time") {
  const Bytes request(10, 0x11), answer_bytes(50, 0x22);
  LineFaults faults(7), same(7);
  for (const auto* text : {"late=0.2@800ms", "truncate=0.2", "babble=0.2@1s", "drip=0.2@20ms"}) {
    REQUIRE(faults.set(text).has_value());
    REQUIRE(same.set(text).has_value());
  }
  for (int i = 0; i < 100; ++i) CHECK(faults.draw() == same.draw());
  const auto time_of = [&](LineFault fault) {
    Duration sum{};
    for (const auto& part : faults.play(fault, request, answer_bytes, 4ms)) sum += part.before;
    return sum;
  };
  CHECK(time_of(LineFault::none) == 200ms);
  CHECK(time_of(LineFault::late) == 1000ms);
  CHECK(time_of(LineFault::drip) == 50 * 24ms);
  CHECK(time_of(LineFault::babble) == 1200ms);
  CHECK(time_of(LineFault::echo) == 240ms);
  CHECK(time_of(LineFault::truncate) < 200ms);
  CHECK(faults.play(LineFault::silent, request, answer_bytes, 4ms).empty());
  CHECK_FALSE(faults.set("lightning=0.5").has_value());
  CHECK_FALSE(faults.set("late=2").has_value());
}

TEST_CASE("a meter's text says what is wrong with it") {
  for (const auto* text : {"steam:1", "water:12", "mbus-water:251", "water:00000010000192,colour=red",
                           "dlt645-2007:181226034194,total=-1", "water"})
    CHECK_FALSE(parse_meter(text, now).has_value());
}

}  // namespace tocsin::sim
