#include "sync/wire/orders.h"

#include <doctest/doctest.h>

using namespace tocsin;
using namespace tocsin::wire;

namespace {

UtcTime at(std::int64_t ms) {
  return UtcTime{std::chrono::milliseconds{ms}};
}

CommandOrder unlock() {
  return {Bytes(16, 9),
          "wangjing-b12",
          "relay-1/ch3",
          "pulse",
          {{"seconds", "5"}},
          at(1'763'000'000'000),
          at(1'763'000'060'000),
          7,
          "duty@west",
          12,
          0x1234};
}

}  // namespace

TEST_CASE("a command comes back, inside its signed envelope byte for byte") {
  const SignedOrder order{encode_command(unlock()), "key-1", Bytes(64, 3)};
  const auto envelope = decode_signed(encode_signed(order));
  REQUIRE(envelope.has_value());
  CHECK(envelope->payload == order.payload);
  CHECK(envelope->key_id == "key-1");
  CHECK(envelope->signature == order.signature);
  const auto command = decode_command(envelope->payload);
  REQUIRE(command.has_value());
  CHECK(*command == unlock());
}

TEST_CASE("an envelope without key, payload or whole signature is refused") {
  const SignedOrder good{Bytes{1}, "key-1", Bytes(64, 3)};
  CHECK(decode_signed(encode_signed(good)).has_value());
  SignedOrder bad = good;
  bad.signature.resize(63);
  CHECK_FALSE(decode_signed(encode_signed(bad)).has_value());
  bad = good;
  bad.key_id.clear();
  CHECK_FALSE(decode_signed(encode_signed(bad)).has_value());
  bad = good;
  bad.payload.clear();
  CHECK_FALSE(decode_signed(encode_signed(bad)).has_value());
}

TEST_CASE("a command for nobody or without a whole id is refused") {
  CommandOrder bad = unlock();
  bad.id.resize(15);
  CHECK_FALSE(decode_command(encode_command(bad)).has_value());
  bad = unlock();
  bad.gateway = "A/B";
  CHECK_FALSE(decode_command(encode_command(bad)).has_value());
  bad = unlock();
  bad.point.clear();
  CHECK_FALSE(decode_command(encode_command(bad)).has_value());
}

TEST_CASE("desired outputs come back; without version or expiry rule they are refused") {
  const DesiredOutputs sent{"wangjing-b12",
                            4,
                            at(1'763'000'060'000),
                            OnExpiry::hold,
                            {{"lobby-screen", "evacuate"}},
                            at(1'763'000'000'000),
                            0x1234,
                            7};
  const auto got = decode_desired(encode_desired(sent));
  REQUIRE(got.has_value());
  CHECK(*got == sent);
  DesiredOutputs bad = sent;
  bad.version = 0;
  CHECK_FALSE(decode_desired(encode_desired(bad)).has_value());
  bad = sent;
  bad.outputs[0].word.clear();
  CHECK_FALSE(decode_desired(encode_desired(bad)).has_value());
}
