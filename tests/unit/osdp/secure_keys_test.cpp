#include "drivers/osdp/secure_keys.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "core/bytes/hex.h"

namespace tocsin::osdp {
namespace {

Bytes hex(std::string_view text) {
  return bytes::from_hex(text).value();
}

Block block(std::string_view text) {
  Block out{};
  std::ranges::copy(hex(text), out.begin());
  return out;
}

}  // namespace

TEST_CASE("AES-128 of the standard") {
  // source: FIPS 197 appendix C.1
  CHECK(aes_ecb(block("000102030405060708090a0b0c0d0e0f"), block("00112233445566778899aabbccddeeff")) ==
        block("69c4e0d86a7b0430d8cdb78070b4c55a"));
  // source: NIST SP 800-38A F.2.1, first two blocks of CBC-AES128
  const Block key = block("2b7e151628aed2a6abf7158809cf4f3c"), iv = block("000102030405060708090a0b0c0d0e0f");
  const Bytes plain = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const Bytes cipher = hex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2");
  CHECK(aes_cbc_encrypt(key, iv, plain) == cipher);
  CHECK(aes_cbc_decrypt(key, iv, cipher) == plain);
  CHECK_THROWS(aes_cbc_encrypt(key, iv, Bytes(15)));
}

TEST_CASE("keys and cryptograms of SIA annex E") {
  // source: SIA OSDP v2.1.7 annex E, as in goToMain/libosdp test-sc-sia-vectors.c
  const Random rnd_a{0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7};
  const Random rnd_b{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7};
  const SessionKeys keys = derive_keys(default_base_key, rnd_a);
  CHECK(keys.s_enc == block("bf8dc2a8329acb8c67c6d0cd9a451682"));
  CHECK(keys.s_mac1 == block("5e86c676603bdee2d8beafe178637332"));
  CHECK(keys.s_mac2 == block("6fda86e857777e81132035758239172e"));
  CHECK(client_cryptogram(keys, rnd_a, rnd_b) == block("fde5d2f428ec16312471ea3c02bd7796"));
  const Block server = server_cryptogram(keys, rnd_a, rnd_b);
  CHECK(server == block("26d3356e07762d262801fc8e6665a891"));
  CHECK(initial_rmac(keys, server) == block("b2a30057eb98ba2229ec1f875662b524"));
}

TEST_CASE("MAC and data of captured frames") {
  // source: Z-bit-Systems-LLC/OSDP-Embedded sc-monitor-current.osdpcap, line 26: ACURXSIZE 2048
  const SessionKeys keys{block("4ec7f4ae57ee3b43fa53f66b1b761383"), block("54bd40c7e6633a8b44f89c35d3cdd360"),
                         block("518d3075a5da4cc0e0857debc219bff0")};
  const Block previous = block("f70b4c768127656c4f962e2d31f67e73");
  const Bytes data = hex("75cbfe2a3951c61660541538e34a8fdd");
  CHECK(compute_mac(keys, previous, hex("53001e000e02177b75cbfe2a3951c61660541538e34a8fdd")) ==
        block("47f6e1970b5043fdc1be600ed6887180"));
  CHECK(decrypt(keys, previous, data).value() == hex("0008"));
  CHECK(encrypt(keys, previous, hex("0008")) == data);
}

TEST_CASE("data of every size comes back, padded to whole blocks") {
  const SessionKeys keys = derive_keys(default_base_key, {});
  const Block previous = block("00112233445566778899aabbccddeeff");
  for (std::size_t size = 0; size <= 33; ++size) {
    CAPTURE(size);
    const Bytes plain(size, 0x80);  // looks like padding
    const Bytes data = encrypt(keys, previous, plain);
    CHECK(data.size() == (size / block_size + 1) * block_size);
    CHECK(decrypt(keys, previous, data).value() == plain);
  }
}

TEST_CASE("data without padding is refused") {
  const SessionKeys keys = derive_keys(default_base_key, {});
  const Block previous{};
  Block iv;
  iv.fill(0xFF);
  CHECK_FALSE(decrypt(keys, previous, {}).has_value());
  CHECK_FALSE(decrypt(keys, previous, Bytes(15)).has_value());
  CHECK_FALSE(decrypt(keys, previous, aes_cbc_encrypt(keys.s_enc, iv, Bytes(16))).has_value());
  Bytes padding_in_an_earlier_block(32);
  padding_in_an_earlier_block[15] = 0x80;
  CHECK_FALSE(
      decrypt(keys, previous, aes_cbc_encrypt(keys.s_enc, iv, padding_in_an_earlier_block)).has_value());
}

TEST_CASE("a MAC over whole blocks is not padded") {
  const SessionKeys keys = derive_keys(default_base_key, {});
  const Block one{0x53, 1, 2, 3};
  CHECK(compute_mac(keys, {}, one) == aes_ecb(keys.s_mac2, one));
  Block padded{};
  padded[0] = 0x80;
  CHECK(compute_mac(keys, {}, {}) == aes_ecb(keys.s_mac2, padded));
}

TEST_CASE("a MAC covers every bit, the length of the message and the chain") {
  const SessionKeys keys = derive_keys(default_base_key, {});
  for (const std::size_t size : {7u, 16u, 17u, 32u, 40u}) {
    const Bytes message(size, 0x5A);
    const Block mac = compute_mac(keys, {}, message);
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      Bytes changed = message;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      CHECK(compute_mac(keys, {}, changed) != mac);
    }
    CHECK(compute_mac(keys, Block{1}, message) != mac);
    CHECK(compute_mac(keys, {}, Bytes(size + 1, 0x5A)) != mac);
  }
}

TEST_CASE("comparison in constant time compares") {
  CHECK(equal_in_constant_time(hex("0102"), hex("0102")));
  CHECK_FALSE(equal_in_constant_time(hex("0102"), hex("0103")));
  CHECK_FALSE(equal_in_constant_time(hex("0102"), hex("01")));
}

}  // namespace tocsin::osdp
