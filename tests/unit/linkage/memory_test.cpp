#include "core/linkage/memory.h"

#include <doctest/doctest.h>

#include "core/bytes/checksum.h"
#include "core/linkage/state_codec.h"
#include "tests/unit/linkage/small_building.h"

using namespace tocsin;
using namespace tocsin::linkage;
using namespace tocsin::linkage::test;

namespace {

Memory sample() {
  Memory memory;
  see(memory, fire("3F"), true, at(1s));
  see(memory, gas("kitchen"), true, at(2s));
  see(memory, gas("kitchen"), false, at(3s));
  see(memory, loss("panel-1"), true, at(4s));
  memory.pulses_done = {{2, "lift"}};
  return memory;
}

}  // namespace

TEST_CASE("a cause latches and keeps its first time until it is reset") {
  const Matrix matrix = small_building();
  Memory memory;
  CHECK_FALSE(see(memory, fire("3F"), false, at(0s)));
  CHECK(memory.causes.empty());
  CHECK(see(memory, fire("3F"), true, at(1s)));
  CHECK_FALSE(see(memory, fire("3F"), true, at(2s)));
  CHECK(see(memory, fire("3F"), false, at(3s)));
  CHECK(memory.causes.at(fire("3F")) == latched_since(at(1s)));
  CHECK(see(memory, fire("3F"), true, at(4s)));
  CHECK(memory.causes.at(fire("3F")) == active_since(at(1s)));
}

TEST_CASE("reset is refused while the cause is present, and rearms its pulses only") {
  Matrix matrix = small_building();
  matrix.rows.push_back(row(gas("kitchen"), {"lift"}, Mode::pulse));
  Memory memory;
  memory.pulses_done = {{2, "lift"}, {3, "lift"}};
  CHECK(reset(memory, matrix, fire("3F")).error().fault == Fault::not_found);
  see(memory, fire("3F"), true, at(1s));
  CHECK(reset(memory, matrix, fire("3F")).error().fault == Fault::refused);
  CHECK(memory.causes.size() == 1);
  see(memory, fire("3F"), false, at(2s));
  CHECK(reset(memory, matrix, fire("3F")).has_value());
  CHECK(memory.causes.empty());
  CHECK(memory.pulses_done == std::set<Cell>{{3, "lift"}});
}

TEST_CASE("memory survives as bytes") {
  const Matrix matrix = small_building();
  const Memory memory = sample();
  const Bytes stored = encode(memory, matrix, 7, at(10s));

  SUBCASE("in the same boot time went on") {
    CHECK(*decode(stored, matrix, 7, at(60s)) == memory);
  }
  SUBCASE("after another boot the elapsed time is kept") {
    const auto restored = decode(stored, matrix, 8, MonoTime{3s});
    REQUIRE(restored.has_value());
    CHECK(MonoTime{3s} - restored->causes.at(fire("3F")).since == 9s);
    CHECK(restored->causes.at(gas("kitchen")).latched);
    CHECK_FALSE(restored->causes.at(gas("kitchen")).active);
    CHECK(restored->pulses_done == memory.pulses_done);
  }
  SUBCASE("a pulse follows its row when rows move, and goes with it") {
    Matrix moved = matrix;
    moved.rows.insert(moved.rows.begin(), row(gas("hall"), {"fan"}));
    CHECK(decode(stored, moved, 7, at(60s))->pulses_done == std::set<Cell>{{3, "lift"}});
    moved.rows.pop_back();
    CHECK(decode(stored, moved, 7, at(60s))->pulses_done.empty());
  }
}

TEST_CASE("damaged bytes are an error, never a memory") {
  const Matrix matrix = small_building();
  const Bytes stored = encode(sample(), matrix, 7, at(10s));
  CHECK(decode({}, matrix, 7, at(10s)).error().fault == Fault::storage);
  for (std::size_t size = 0; size < stored.size(); ++size)
    REQUIRE(decode(ByteView(stored).first(size), matrix, 7, at(10s)).has_error());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    Bytes flipped = stored;
    flipped[i] ^= 0x10;
    REQUIRE(decode(flipped, matrix, 7, at(10s)).has_error());
  }
  Bytes newer = stored;
  newer[0] = 2;
  CHECK(decode(newer, matrix, 7, at(10s)).error().fault == Fault::newer_version);
}

TEST_CASE("bytes that lie under a good checksum are bounded") {
  const Matrix matrix = small_building();
  const Bytes stored = encode(sample(), matrix, 7, at(10s));
  for (std::size_t i = 1; i + 4 < stored.size(); ++i) {
    for (const std::uint8_t value : {std::uint8_t{0x00}, std::uint8_t{0x7F}, std::uint8_t{0xFF}}) {
      Bytes lying(stored.begin(), stored.end() - 4);
      lying[i] = value;
      bytes::Writer out(lying);
      out.u32_le(bytes::crc32c(ByteView(lying)));
      const auto restored = decode(lying, matrix, 9, at(10s));
      if (restored)
        REQUIRE(evaluate(matrix, restored->causes, restored->pulses_done, {}, at(10s)).size() == 4);
    }
  }
}
