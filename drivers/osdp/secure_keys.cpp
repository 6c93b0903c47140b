#include "drivers/osdp/secure_keys.h"

#include <algorithm>

namespace tocsin::osdp {
namespace {

constexpr std::uint8_t padding_start = 0x80;

// 01, purpose, the first six bytes of RND.A, zeros.
Block derive(const Block& base_key, std::uint8_t purpose, const Random& rnd_a) {
  Block input{0x01, purpose};
  std::copy_n(rnd_a.begin(), 6, input.begin() + 2);
  return aes_ecb(base_key, input);
}

Block joined(const Random& first, const Random& second) {
  Block block{};
  std::ranges::copy(first, block.begin());
  std::ranges::copy(second, block.begin() + 8);
  return block;
}

void fill_up(Bytes& data) {
  data.resize((data.size() + block_size - 1) / block_size * block_size);
}

Block complement(Block block) {
  for (std::uint8_t& byte : block) byte = static_cast<std::uint8_t>(~byte);
  return block;
}

Block last_block(ByteView data) {
  Block block{};
  std::ranges::copy(data.last(block_size), block.begin());
  return block;
}

}  // namespace

SessionKeys derive_keys(const Block& base_key, const Random& rnd_a) {
  return {derive(base_key, 0x82, rnd_a), derive(base_key, 0x01, rnd_a), derive(base_key, 0x02, rnd_a)};
}

Block client_cryptogram(const SessionKeys& keys, const Random& rnd_a, const Random& rnd_b) {
  return aes_ecb(keys.s_enc, joined(rnd_a, rnd_b));
}

Block server_cryptogram(const SessionKeys& keys, const Random& rnd_a, const Random& rnd_b) {
  return aes_ecb(keys.s_enc, joined(rnd_b, rnd_a));
}

Block initial_rmac(const SessionKeys& keys, const Block& server_cryptogram) {
  return aes_ecb(keys.s_mac2, aes_ecb(keys.s_mac1, server_cryptogram));
}

// CBC with S-MAC1, the last block with S-MAC2; padded only when the message does not end on a block.
Block compute_mac(const SessionKeys& keys, const Block& previous, ByteView covered) {
  Bytes message(covered.begin(), covered.end());
  if (message.empty() || message.size() % block_size != 0) message.push_back(padding_start);
  fill_up(message);
  const ByteView all(message);
  const ByteView front = all.first(all.size() - block_size);
  const Block iv = front.empty() ? previous : last_block(aes_cbc_encrypt(keys.s_mac1, previous, front));
  return last_block(aes_cbc_encrypt(keys.s_mac2, iv, all.last(block_size)));
}

Bytes encrypt(const SessionKeys& keys, const Block& previous, ByteView plain) {
  Bytes message(plain.begin(), plain.end());
  message.push_back(padding_start);
  fill_up(message);
  return aes_cbc_encrypt(keys.s_enc, complement(previous), message);
}

Result<Bytes> decrypt(const SessionKeys& keys, const Block& previous, ByteView data) {
  if (data.empty() || data.size() % block_size != 0)
    return fail(Fault::framing, "encrypted data of broken size");
  Bytes plain = aes_cbc_decrypt(keys.s_enc, complement(previous), data);
  std::size_t end = plain.size() - 1;
  const std::size_t last = plain.size() - block_size;  // the padding is shorter than a block or exactly one
  while (end > last && plain[end] == 0) --end;
  if (plain[end] != padding_start) return fail(Fault::framing, "no padding after decryption");
  plain.resize(end);
  return plain;
}

}  // namespace tocsin::osdp
