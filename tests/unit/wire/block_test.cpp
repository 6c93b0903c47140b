#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "sync/wire/codec.h"
#include "sync/wire/data_columns.h"
#include "sync/wire/message.h"

using namespace tocsin;
using namespace tocsin::wire;

namespace {

constexpr std::int64_t noon = 1'763'000'000'000;

Reading reading(const std::string& device, const std::string& point, Value value, std::int64_t ms) {
  Reading out;
  out.id = {device, point};
  out.value = std::move(value);
  out.t_gateway = {MonoTime{std::chrono::milliseconds{5000 + ms}},
                   UtcTime{std::chrono::milliseconds{noon + ms}}, 0xB007, ClockQuality::synchronised};
  return out;
}

void check_round_trip(const std::vector<Reading>& sent) {
  const auto got = decode_block(encode_block(sent));
  REQUIRE(got.has_value());
  REQUIRE(got->size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) CHECK((*got)[i] == sent[i]);
}

}  // namespace

TEST_CASE("readings of every kind and quality come back exactly") {
  std::vector<Reading> sent{reading("meter-1", "voltage", 230.1, 0),
                            reading("meter-1", "voltage", 229.9, 1000),
                            reading("meter-1", "power", 1.0 / 3.0, 1000),
                            reading("smoke-1", "smoke", true, 1001),
                            reading("smoke-1", "smoke", false, 990),
                            reading("door-1", "state", std::int64_t{-7}, 2000),
                            reading("panel", "text", std::string{"\xE7\x81\xAB"}, 2000),
                            reading("meter-1", "voltage", {}, 3000)};
  sent[7].quality = Quality::bad;
  sent[7].fault = Fault::timeout;
  sent[6].quality = Quality::uncertain;
  sent[5].quality = Quality::bad;
  sent[2].t_source = UtcTime{std::chrono::milliseconds{noon - 3'600'000}};
  check_round_trip(sent);
}

TEST_CASE("the first reading after time sync keeps its monotonic time and its clock quality") {
  auto before = reading("m", "a", 1.5, 0);
  before.t_gateway.utc = UtcTime{std::chrono::milliseconds{0}};  // 1970
  before.t_gateway.clock = ClockQuality::unsynchronised;
  check_round_trip({before, reading("m", "a", 2.5, 1000), reading("m", "a", 2.5, 2000)});
}

TEST_CASE("numbers that are no short decimals stay what they are") {
  for (const double value : {-0.0, 1e300, 5e-324, 0.1 + 0.2, 9007199254740993.0, 123456.1234567}) {
    const auto got = decode_block(encode_block({reading("m", "a", value, 0), reading("m", "a", 1.0, 1)}));
    REQUIRE(got.has_value());
    const double back = std::get<double>((*got)[0].value);
    CHECK(back == value);
    CHECK(std::signbit(back) == std::signbit(value));
  }
  const auto nan = decode_block(encode_block({reading("m", "a", std::nan(""), 0)}));
  REQUIRE(nan.has_value());
  CHECK(std::isnan(std::get<double>((*nan)[0].value)));
}

TEST_CASE("a block of meter readings is small") {
  std::vector<Reading> sent;
  for (int i = 0; i < 200; ++i)
    sent.push_back(
        reading("meter-" + std::to_string(i % 20), "voltage", 230.0 + (i * 7 % 13) / 10.0, i * 50));
  CHECK(encode_block(sent).size() < 200 * 6);
  check_round_trip(sent);
}

TEST_CASE("a cut block never gives more than was sent, and mostly an error") {
  std::vector<Reading> sent;
  for (int i = 0; i < 40; ++i) sent.push_back(reading("m", "a", i * 0.1, i));
  const Bytes good = encode_block(sent);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto got = decode_block(ByteView(good).first(size));
    if (got) {
      CHECK(got->size() == sent.size());  // only what comes after the columns was cut off
      CHECK(size + 24 > good.size());
    }
  }
  for (const Bytes& bad : {Bytes{}, Bytes{2, 1, 2}, Bytes{1, 0xFF, 0xFF, 0xFF, 0xFF, 1}, encode_block({})})
    CHECK_FALSE(decode_block(bad).has_value());
}

TEST_CASE("columns that disagree are refused") {
  const auto refused = [](auto&& spoil) {
    DataBlock block;
    const Bytes body = encode_block({reading("m", "a", 1.5, 0), reading("m", "b", 2.5, 0)});
    REQUIRE(body[0] == 0);
    REQUIRE(parse(ByteView(body).subspan(1), block));
    spoil(block);
    Bytes out = to_bytes(block);
    out.insert(out.begin(), 0);
    return !decode_block(out);
  };
  CHECK_FALSE(refused([](DataBlock&) {}));
  CHECK(refused([](DataBlock& b) { b.set_id_delta(1, 5); }));
  CHECK(refused([](DataBlock& b) { b.set_id_delta(0, -1); }));
  CHECK(refused([](DataBlock& b) { b.clear_scaled(); }));
  CHECK(refused([](DataBlock& b) { b.set_kinds(0, 3); }));
  CHECK(refused([](DataBlock& b) { b.set_kinds(1, 99); }));
  CHECK(refused([](DataBlock& b) { b.set_quality("x"); }));
  CHECK(refused([](DataBlock& b) { b.set_points(0, "no slash"); }));
  CHECK(refused([](DataBlock& b) { b.set_shared(1, 4); }));  // of "m/a", which has three
  CHECK(refused([](DataBlock& b) { b.clear_shared(); }));
  CHECK(refused([](DataBlock& b) { b.add_shared(0); }));
  CHECK(refused([](DataBlock& b) {  // more names than readings
    b.add_points("m/c");
    b.add_shared(0);
    b.add_decimals(0);
  }));
  CHECK(refused([](DataBlock& b) {
    b.add_sourced(9);
    b.add_source_ms(0);
  }));
  CHECK(refused([](DataBlock& b) { b.set_base_mono_ms(std::numeric_limits<std::int64_t>::max()); }));
}

TEST_CASE("a device of many points costs no more than 3.9 bytes for each") {
  std::vector<Reading> readings;
  for (int i = 0; i < 200; ++i)
    readings.push_back(reading("plc", "r" + std::to_string(i + 100), (200 + i * 7919 % 2000) / 10.0, 0));
  const Bytes body = encode_block(readings);
  CHECK(body.size() <= 200 * 3.9);
  CHECK(decode_block(body).value() == readings);
}

TEST_CASE("the fewest decimals that lose nothing are chosen") {
  CHECK(decimals_for({1, 2, 3}) == 0u);
  CHECK(decimals_for({1.5, 2}) == 1u);
  CHECK(decimals_for({230.15, 0.001}) == 3u);
  CHECK_FALSE(decimals_for({1.0 / 3.0}));
}
