// Mutations of one genuine order to open a door, many thousand: flipped, cut, resigned, replayed, expired,
// foreign. Not one moves an output.

#include <random>

#include "tests/unit/command/rig.h"

using namespace tocsin;
using command::test::Rig;

namespace {

// One of the ways in which an order can be wrong. Every one of them must be refused.
Bytes mutate(Rig& rig, const wire::CommandOrder& genuine, std::mt19937& random) {
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  const Bytes payload = wire::encode_command(genuine);
  const Bytes good = rig.owner.sign(payload);
  wire::CommandOrder other = genuine;
  Bytes bytes = good;
  switch (pick(9)) {
    case 0: bytes[pick(bytes.size())] ^= static_cast<std::uint8_t>(1u << pick(8)); return bytes;
    case 1: bytes.resize(pick(bytes.size())); return bytes;
    case 2: return rig.stranger.sign(payload);
    case 3: return command::test::Signer("unknown").sign(payload);
    case 4:
      other.not_after = rig.now.utc - 1ms;
      other.issued = rig.now.utc - 60s;
      break;
    case 5: other.gateway = "wangjing-b" + std::to_string(13 + pick(9)); break;
    case 6: other.term = command::test::term - 1 - pick(50); break;
    case 7: other.session_nonce ^= 1u + pick(1000); break;
    default: other.issued = rig.now.utc + 31s; other.not_after = other.issued + 60s;
  }
  return rig.owner.sign(wire::encode_command(other));
}

}  // namespace

TEST_CASE("4000 mutations of a genuine order: 0 actuations, each counted") {
  Rig rig;
  std::mt19937 random(20261122);
  std::uint64_t unchanged = 0;
  for (int i = 0; i < 4000; ++i) {
    const wire::CommandOrder genuine = rig.open_door();
    const Bytes bytes = mutate(rig, genuine, random);
    // A flipped bit that leaves payload, key and signature as they were (an unknown field) is no forgery.
    const auto envelope = wire::decode_signed(bytes);
    const auto good = wire::decode_signed(rig.owner.sign(wire::encode_command(genuine)));
    if (envelope && envelope->payload == good->payload && envelope->signature == good->signature &&
        envelope->key_id == good->key_id) {
      ++unchanged;
      continue;
    }
    rig.give(bytes);
    REQUIRE(rig.moves.empty());
    if (i % 50 == 0) rig.run(500ms);
  }
  rig.run(10s);
  CHECK(rig.moves.empty());
  CHECK(unchanged < 100);
  std::uint64_t refused = 0;
  for (const auto count : rig.building->intake().counts()) refused += count;
  CHECK(refused == 4000 - unchanged);
  for (const auto& answer : rig.answers) CHECK(answer.outcome == "refused");
}

TEST_CASE("one genuine order given 1000 times, over restarts: 1 actuation") {
  Rig rig;
  const Bytes bytes = rig.owner.sign(wire::encode_command(rig.open_door()));
  for (int i = 0; i < 1000; ++i) {
    rig.give(bytes);
    if (i % 100 == 99) rig.crash();
    if (i % 25 == 0) rig.run(500ms);
  }
  int opened = 0;
  for (const auto& [coil, level] : rig.moves)
    if (coil == "ch1" && !level) ++opened;
  CHECK(opened == 1);
}
