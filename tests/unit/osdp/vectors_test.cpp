#include "tests/support/vectors.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/osdp/commands.h"
#include "drivers/osdp/frame.h"
#include "drivers/osdp/replies.h"
#include "drivers/osdp/secure_keys.h"

namespace tocsin::osdp {
namespace {

Bytes bytes_at(const boost::json::value& object, std::string_view key) {
  return bytes::from_hex(vectors::text(object, key)).value();
}

template <class Array>
Array array_at(const boost::json::value& object, std::string_view key) {
  Array out{};
  std::ranges::copy(bytes_at(object, key), out.begin());
  return out;
}

// The MAC fits, the data decrypts to what is expected, and encrypting gives the bytes of the line back.
void check_secure(const Frame& frame, ByteView data, const boost::json::value& session) {
  const SessionKeys keys{array_at<Block>(session, "s_enc"), array_at<Block>(session, "s_mac1"),
                         array_at<Block>(session, "s_mac2")};
  const auto previous = array_at<Block>(session, "prev_mac");
  CHECK(compute_mac(keys, previous, part_under_mac(data)) == array_at<Block>(session, "mac16"));
  if (!session.as_object().contains("plaintext_hex")) return;
  const Bytes plain = bytes_at(session, "plaintext_hex");
  CHECK(decrypt(keys, previous, frame.payload).value() == plain);
  CHECK(encrypt(keys, previous, plain) == frame.payload);
}

Result<Bytes> rebuilt_payload(const Frame& frame) {
  if (frame.reply) {
    const auto reply = parse_reply(frame.code, frame.payload);
    return reply ? build_payload(*reply) : Result<Bytes>(reply.error());
  }
  const auto command = parse_command(frame.code, frame.payload);
  return command ? build_payload(*command) : Result<Bytes>(command.error());
}

}  // namespace

TEST_CASE("frames of the vector file") {
  for (const auto& vector : vectors::load("osdp")) {
    CAPTURE(vectors::text(vector, "id"));
    const Bytes data = bytes_at(vector, "hex");
    const Result<Frame> frame = parse_frame(data);
    CHECK(frame.has_value() != vectors::must_be_rejected(vector));
    if (!frame) continue;
    CHECK(build_frame(*frame).value() == data);
    const auto& expected = vector.at("expected");
    if (const auto* session = expected.as_object().if_contains("secure_channel")) {
      check_secure(*frame, data, *session);
    } else if (!expected.at("payload_encrypted").as_bool()) {
      if (const Result<Bytes> payload = rebuilt_payload(*frame)) CHECK(*payload == frame->payload);
    }
  }
}

TEST_CASE("key derivations of the vector file") {
  for (const auto& vector : vectors::load("osdp-sc-kdf")) {
    CAPTURE(vectors::text(vector, "id"));
    const auto& expected = vector.at("expected");
    const auto rnd_a = array_at<Random>(expected, "rnd_a"), rnd_b = array_at<Random>(expected, "rnd_b");
    const SessionKeys keys = derive_keys(array_at<Block>(expected, "scbk"), rnd_a);
    CHECK(keys.s_enc == array_at<Block>(expected, "s_enc"));
    CHECK(keys.s_mac1 == array_at<Block>(expected, "s_mac1"));
    CHECK(keys.s_mac2 == array_at<Block>(expected, "s_mac2"));
    CHECK(client_cryptogram(keys, rnd_a, rnd_b) == array_at<Block>(expected, "client_cryptogram"));
    const Block server = server_cryptogram(keys, rnd_a, rnd_b);
    CHECK(server == array_at<Block>(expected, "server_cryptogram"));
    CHECK(initial_rmac(keys, server) == array_at<Block>(expected, "rmac_i"));
  }
}

}  // namespace tocsin::osdp
