#include "drivers/osdp/aes.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace tocsin::osdp {
namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

Bytes run(const EVP_CIPHER* cipher, bool encrypt, const Block& key, const std::uint8_t* iv, ByteView data) {
  if (data.size() % block_size != 0) throw std::logic_error("AES over a part of a block");
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  Bytes out(data.size() + block_size);  // room OpenSSL may ask for, even without padding
  int written = 0, tail = 0;
  const bool ok =
      context && EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), iv, encrypt) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_CipherUpdate(context.get(), out.data(), &written, data.data(), static_cast<int>(data.size())) ==
          1 &&
      EVP_CipherFinal_ex(context.get(), out.data() + written, &tail) == 1;
  if (!ok || static_cast<std::size_t>(written + tail) != data.size())
    throw std::logic_error("AES-128 failed");
  out.resize(data.size());
  return out;
}

}  // namespace

Block aes_ecb(const Block& key, const Block& plain) {
  const Bytes out = run(EVP_aes_128_ecb(), true, key, nullptr, plain);
  Block block{};
  std::ranges::copy(out, block.begin());
  return block;
}

Bytes aes_cbc_encrypt(const Block& key, const Block& iv, ByteView data) {
  return run(EVP_aes_128_cbc(), true, key, iv.data(), data);
}

Bytes aes_cbc_decrypt(const Block& key, const Block& iv, ByteView data) {
  return run(EVP_aes_128_cbc(), false, key, iv.data(), data);
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tocsin::osdp
