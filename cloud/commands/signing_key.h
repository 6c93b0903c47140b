#pragma once
// The Ed25519 keys with which the cloud signs orders: <state>/keys/NAME.key, one line, the 32-byte seed in
// hex, mode 0400. The private key never leaves its file but into the memory of the program that signs.

#include <array>
#include <filesystem>
#include <string>

#include "core/bytes/reader.h"
#include "core/result/result.h"

namespace tocsin::cloud {

// Makes a key and gives its public half in hex. Fault::refused when there is one of this name: a key is never
// overwritten.
Result<std::string> create_signing_key(const std::filesystem::path& state, const std::string& name);

class SigningKey {
 public:
  // `name` empty: the only key there is. Fault::not_found without a key, Fault::refused when others may read
  // it.
  static Result<SigningKey> load(const std::filesystem::path& state, const std::string& name);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept = default;
  SigningKey& operator=(SigningKey&&) noexcept = default;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  const std::string& name() const { return name_; }
  Bytes sign(ByteView payload) const;  // a whole Signed message

 private:
  SigningKey() = default;
  std::string name_;
  Bytes secret_;  // 64 bytes as libsodium keeps them; wiped at the end
};

}  // namespace tocsin::cloud
