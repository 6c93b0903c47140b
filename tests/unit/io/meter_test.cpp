// The conversations of the meters through the one pump: answers whole, byte by byte, behind noise and echo,
// and damaged.

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/driver/planned_read.h"
#include "drivers/io/pump.h"
#include "drivers/io/registry.h"
#include "drivers/mbus/frame.h"
#include "tests/support/scripted_line.h"

namespace tocsin::io {

namespace {

using test::ScriptedLine;
using Source = std::map<std::string, Value>;

Bytes hex(const char* text) {
  return *bytes::from_hex(text);
}

std::vector<Bytes> one_by_one(const Bytes& bytes) {
  std::vector<Bytes> chunks;
  for (const std::uint8_t byte : bytes) chunks.push_back({byte});
  return chunks;
}

struct Meter {
  std::string protocol;
  std::string address;
  std::vector<Source> sources;
  std::vector<Bytes> requests;
  std::vector<Bytes> answers;
  std::vector<double> values;

  driver::PlannedDevice device() const {
    auto profile = std::make_shared<driver::Profile>();
    profile->protocol = protocol;
    for (const Source& source : sources) {
      driver::PointSpec spec;
      spec.name = "p" + std::to_string(profile->points.size());
      spec.source = source;
      profile->points.push_back(spec);
    }
    auto made = make_device({"m", profile, address, {}, {}});
    REQUIRE(made.has_value());
    return *made;
  }
  PumpResult read(ScriptedLine& line) const {
    const driver::PlannedDevice planned = device();
    const auto reads = driver::planned_reads({planned}, driver::serial_line(2400, 'E', 1));
    REQUIRE(reads.size() == 1);
    const auto exchange = planned.driver->read(reads[0].span);
    return pump(line, find_protocol(protocol)->frames(), *exchange, {100ms, 0ms}, [](char, ByteView) {});
  }
  void check(const PumpResult& result) const {
    REQUIRE(result.samples.has_value());
    REQUIRE(result.samples->size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      CHECK(*as_number(result.samples->at(i).value) == doctest::Approx(values[i]));
  }
};

Meter electricity() {
  return {"dlt645",
          "181226034194",
          {{{"id", std::string("0202FF00")}, {"field", std::int64_t{0}}},
           {{"id", std::string("0202FF00")}, {"field", std::int64_t{1}}}},
          {hex("fefefefe 68 944103261218 68 11 04 33323535 dc16")},
          {hex("6894410326121868910d33323535bb3433333333333333b916")},  // source: vector of the current block
          {0.188, 0}};
}

Meter water() {
  return {
      "cjt188",
      "10/00000010000192",
      {{{"field", std::string("current_total")}}},
      {hex("fefefefe 68 10 92010010000000 01 03 901f00 ce16")},
      {hex("6810920100100000008116901f01002222002c000000002c000000000000000000fe16")},  // source: vector of a
                                                                                        // water meter
      {2222.00}};
}

Meter gas() {
  mbus::Frame answer;
  answer.kind = mbus::FrameKind::long_frame;
  answer.control = 0x08;
  answer.address = 1;
  answer.information = 0x72;
  answer.data = hex("78563412931533032a000000 0c1427048502");  // source: rscada/libmbus oms_frame1
  return {"mbus",
          "1",
          {{{"vif", std::string("14")}}},
          {hex("1040014116"), hex("107b017c16")},
          {hex("e5"), *mbus::build_frame(answer)},
          {28504.27}};
}

std::vector<Meter> meters() {
  return {electricity(), water(), gas()};
}

}  // namespace

TEST_CASE("a meter is asked in the standard's words and its answer is read") {
  for (const Meter& meter : meters()) {
    CAPTURE(meter.protocol);
    ScriptedLine line;
    for (const Bytes& answer : meter.answers) line.answer({answer});
    meter.check(meter.read(line));
    REQUIRE(line.sent().size() == meter.requests.size());
    for (std::size_t i = 0; i < line.sent().size(); ++i)
      CHECK(bytes::to_hex(line.sent()[i]) == bytes::to_hex(meter.requests[i]));
  }
}

TEST_CASE("answers may come byte by byte, behind noise and behind our own echo") {
  for (const Meter& meter : meters()) {
    CAPTURE(meter.protocol);
    ScriptedLine drip;
    for (const Bytes& answer : meter.answers) drip.answer(one_by_one(answer));
    meter.check(meter.read(drip));

    ScriptedLine noisy;
    for (const Bytes& answer : meter.answers) noisy.answer({{0x00, 0xff, 0x68}, answer});
    meter.check(meter.read(noisy));

    ScriptedLine echoing;
    for (std::size_t i = 0; i < meter.answers.size(); ++i)
      echoing.answer({meter.requests[i], meter.answers[i]});
    meter.check(meter.read(echoing));
  }
}

TEST_CASE("no damaged byte gives a value, and the line is made clean after it") {
  for (const Meter& meter : meters()) {
    CAPTURE(meter.protocol);
    for (std::size_t turn = 0; turn < meter.answers.size(); ++turn)
      for (std::size_t i = 0; i < meter.answers[turn].size(); ++i) {
        CAPTURE(i);
        ScriptedLine line;
        for (std::size_t before = 0; before < turn; ++before) line.answer({meter.answers[before]});
        Bytes damaged = meter.answers[turn];
        damaged[i] ^= 0x04;
        line.answer({damaged});
        CHECK_FALSE(meter.read(line).samples.has_value());
        CHECK(line.recoveries() == 1);
      }
  }
}

TEST_CASE("bytes that wait before the request are cleared first") {
  const Meter meter = water();
  ScriptedLine line;
  line.leave_waiting(meter.answers[0]);
  line.answer({meter.answers[0]});
  const PumpResult result = meter.read(line);
  meter.check(result);
  CHECK(result.late);
  CHECK(line.recoveries() == 1);
}

TEST_CASE("silence, a cut answer and another meter are told apart") {
  for (const Meter& meter : meters()) {
    CAPTURE(meter.protocol);
    ScriptedLine silent;
    CHECK(meter.read(silent).samples.error().fault == Fault::timeout);
  }
  const Meter meter = water();
  ScriptedLine cut;
  cut.answer({Bytes(meter.answers[0].begin(), meter.answers[0].begin() + 20)});
  CHECK(meter.read(cut).samples.error().fault == Fault::framing);
  ScriptedLine broken;
  Bytes wrong_sum = meter.answers[0];
  wrong_sum[wrong_sum.size() - 2] ^= 1;
  broken.answer({wrong_sum});
  CHECK(meter.read(broken).samples.error().fault == Fault::crc);
}

TEST_CASE("an M-Bus answer from another address is not taken") {
  Meter meter = gas();
  mbus::Frame other = *mbus::parse_frame(meter.answers[1]);
  other.address = 2;
  ScriptedLine line;
  line.answer({meter.answers[0]});
  line.answer({*mbus::build_frame(other)});
  CHECK(meter.read(line).samples.error().fault == Fault::wrong_unit);
}

TEST_CASE("a meter that refuses is heard") {
  ScriptedLine line;
  line.answer({hex("68 944103261218 68 d1 01 35 ff16")});
  const Meter meter = electricity();
  const auto error = meter.read(line).samples.error();
  CHECK(error.fault == Fault::exception);
  CHECK(error.code == 2);
  CHECK(line.recoveries() == 0);
}

TEST_CASE("the registry knows what a source may say") {
  driver::PointSpec spec;
  spec.name = "p";
  for (const std::string& name : protocol_names()) {
    CAPTURE(name);
    spec.source = {{"colour", std::string("red")}};
    CHECK(find_protocol(name)->check_source(spec).size() >= 2);
  }
  spec.source = {{"id", std::string("00010000")}};
  CHECK(find_protocol("dlt645")->check_source(spec).empty());
  spec.source = {{"id", std::string("0001000")}};
  CHECK(find_protocol("dlt645")->check_source(spec).size() == 1);
  CHECK(find_protocol("knx") == nullptr);
}

}  // namespace tocsin::io
