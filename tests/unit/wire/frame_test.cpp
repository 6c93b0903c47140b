#include "sync/wire/frame.h"

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "sync/wire/message.h"

using namespace tocsin;
using namespace tocsin::wire;

namespace {

UtcTime at(std::int64_t ms) {
  return UtcTime{std::chrono::milliseconds{ms}};
}

std::vector<Record> records(std::uint64_t first, std::size_t count, std::size_t size) {
  std::vector<Record> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back({first + i, Bytes(size, static_cast<std::uint8_t>(first + i)),
                   at(1'763'000'000'000 + static_cast<std::int64_t>(i) * 250)});
  return out;
}

void check_same(const Frame& frame, const std::vector<Record>& sent) {
  REQUIRE(frame.records.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    CHECK(frame.records[i].seq == sent[i].seq);
    CHECK(frame.records[i].body == sent[i].body);
    CHECK(frame.records[i].stored == sent[i].stored);
  }
}

Batch batch_of(const Bytes& payload) {
  Batch batch;
  REQUIRE(parse(payload, batch));
  return batch;
}

}  // namespace

TEST_CASE("a frame comes back as it was") {
  const auto sent = records(41, 3, 20);
  const auto frame = decode_frame(encode_frame(0xABCDEF, Lane::event, 40, sent, at(1'763'000'001'000)));
  REQUIRE(frame.has_value());
  CHECK(frame->epoch == 0xABCDEF);
  CHECK(frame->lane == Lane::event);
  CHECK(frame->after == 40);
  CHECK(frame->sent == at(1'763'000'001'000));
  check_same(*frame, sent);
}

TEST_CASE("stored times may jump back to 1970 and forth") {
  auto sent = records(1, 3, 4);
  sent[1].stored = at(-5);
  sent[2].stored = at(4'102'444'800'000);
  const auto frame = decode_frame(encode_frame(1, Lane::alarm, 0, sent, at(0)));
  REQUIRE(frame.has_value());
  check_same(*frame, sent);
}

TEST_CASE("large bodies that repeat are compressed, and come back") {
  const auto sent = records(1, 100, 200);
  const Bytes payload = encode_frame(1, Lane::data, 0, sent, at(0));
  CHECK(payload.size() < 5000);
  CHECK(batch_of(payload).bodies_size() == 0);
  const auto frame = decode_frame(payload);
  REQUIRE(frame.has_value());
  check_same(*frame, sent);
}

TEST_CASE("a record adds at most record_overhead to a frame, and the frame frame_overhead") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{511}}) {
    auto sent = records(0x7FFF'FFFF'FFFF'0000, 1, size);
    sent[0].stored = at(-62135596800000);
    CHECK(encode_frame(~0ull, Lane::data, 0x7FFF'FFFF'FFFE'FFFF, sent, at(253402300799000)).size() <=
          size + record_overhead + frame_overhead);
  }
}

TEST_CASE("a changed body is found by its checksum") {
  Batch batch = batch_of(encode_frame(1, Lane::alarm, 0, records(1, 2, 20), at(0)));
  (*batch.mutable_bodies(1))[7] ^= 1;
  const auto frame = decode_frame(to_bytes(batch));
  REQUIRE_FALSE(frame.has_value());
  CHECK(frame.error().fault == Fault::crc);
}

TEST_CASE("messages that make no sense are refused") {
  const Batch good = batch_of(encode_frame(1, Lane::alarm, 0, records(1, 2, 20), at(0)));
  const auto refused = [&](auto&& spoil) {
    Batch batch = good;
    spoil(batch);
    const auto frame = decode_frame(to_bytes(batch));
    return !frame && frame.error().fault == Fault::bad_input;
  };
  CHECK(decode_frame(to_bytes(good)).has_value());
  CHECK(refused([](Batch& b) { b.set_lane(LANE_NONE); }));
  CHECK(refused([](Batch& b) { b.set_lane(static_cast<LaneId>(9)); }));
  CHECK(refused([](Batch& b) { b.set_epoch(0); }));
  CHECK(refused([](Batch& b) { b.set_first_seq(0); }));
  CHECK(refused([](Batch& b) { b.set_first_seq(~0ull); }));
  CHECK(refused([](Batch& b) { b.set_after(b.first_seq()); }));
  CHECK(refused([](Batch& b) { b.clear_bodies(); }));
  CHECK(refused([](Batch& b) { b.mutable_crc32c()->RemoveLast(); }));
  CHECK(refused([](Batch& b) { b.mutable_stored_ms()->RemoveLast(); }));
  CHECK(refused([](Batch& b) { b.set_zstd_bodies("not zstd"); }));
  CHECK(refused([](Batch& b) {
    b.clear_bodies();
    b.set_zstd_bodies("not zstd");
    b.set_zstd_size(0xFFFFFFFF);
  }));
}

TEST_CASE("no cut of a frame is read as a frame of other content") {
  const Bytes payload = encode_frame(7, Lane::data, 0, records(1, 100, 200), at(0));
  for (std::size_t size = 0; size < payload.size(); size += 7) {
    const auto frame = decode_frame(ByteView(payload).first(size));
    if (frame) check_same(*frame, records(1, 100, 200));
  }
}

// source: docs/protocols/uplink.md, "A frame byte by byte"
TEST_CASE("the frame of the specification is what goes over the wire") {
  const std::vector<Record> two{{41, Bytes{0x01, 0x02}, at(1'763'000'000'000)},
                                {42, Bytes{0x03}, at(1'763'000'000'250)}};
  const Bytes payload = encode_frame(0x5f3a9c0e77d1b284, Lane::alarm, 40, two, at(1'763'000'001'000));
  CHECK(bytes::to_hex(payload) ==
        "0984b2d1770e9c3a5f1001182820292a0201022a01033208529ff803a5a02d413a0880f8e8afcf66f40340e8c3f4d7a733");
}
