#include "tests/support/vectors.h"

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/gb26875/application.h"
#include "drivers/gb26875/packet.h"

namespace tocsin::gb26875 {

TEST_CASE("packets of the vector file") {
  for (const auto& vector : vectors::load("gb26875.3")) {
    CAPTURE(vectors::text(vector, "id"));
    const Bytes data = bytes::from_hex(vectors::text(vector, "hex")).value();
    const auto& expected = vector.at("expected");
    if (vectors::must_be_rejected(vector)) {
      CHECK_FALSE(parse_packet(data).has_value());
      continue;
    }
    const auto offset = expected.at("frame_offset").to_number<std::size_t>();
    const auto size = expected.at("frame_len").to_number<std::size_t>();
    const ByteView raw = ByteView(data).subspan(offset, size);
    CHECK(find_packet(raw) == bytes::Found::frame(size));
    const Packet packet = parse_packet(raw).value();
    const Bytes again = build_packet(packet).value();
    CHECK(bytes::to_hex(again) == bytes::to_hex(raw));
  }
}

TEST_CASE("application units of the vector file") {
  for (const auto& vector : vectors::load("gb26875.3-appdata")) {
    CAPTURE(vectors::text(vector, "id"));
    const Bytes data = bytes::from_hex(vectors::text(vector, "hex")).value();
    const Result<Unit> unit = parse_unit(data);
    CHECK(unit.has_value() != vectors::must_be_rejected(vector));
    if (unit) CHECK(build_unit(unit->type, unit->objects).value() == data);
  }
}

}  // namespace tocsin::gb26875
