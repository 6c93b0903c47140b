#include "cloud/api/tokens.h"

#include <array>
#include <fstream>

#include <sodium.h>
#include <sys/stat.h>

#include "core/bytes/hex.h"

namespace tocsin::cloud {
namespace {

constexpr std::array<const char*, 5> role_names{"viewer", "operator", "manager", "admin", "city"};

std::filesystem::path file_of(const std::filesystem::path& state) {
  return state / "tokens";
}

// The token has 256 random bits: a plain hash cannot be turned round.
std::string hash_of(const std::string& token) {
  std::array<std::uint8_t, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()),
                     token.size(), nullptr, 0);
  return bytes::to_hex(hash);
}

}  // namespace

std::optional<Role> role_of(const std::string& name) {
  for (std::size_t i = 0; i < role_names.size(); ++i)
    if (name == role_names[i]) return static_cast<Role>(i);
  return std::nullopt;
}

std::string name_of(Role role) {
  return role_names[static_cast<std::size_t>(role)];
}

Result<std::string> create_token(const std::filesystem::path& state, Role role) {
  if (sodium_init() < 0) return fail(Fault::unsupported, "no random numbers");
  std::array<std::uint8_t, 32> random{};
  randombytes_buf(random.data(), random.size());
  const std::string token = "tcs_" + bytes::to_hex(random);
  std::error_code ignored;
  std::filesystem::create_directories(state, ignored);
  ::umask(0077);
  std::ofstream file(file_of(state), std::ios::app);
  file << name_of(role) << ' ' << hash_of(token) << '\n';
  file.flush();
  if (!file) return fail(Fault::io, "cannot write " + file_of(state).string());
  return token;
}

std::optional<Role> check_token(const std::filesystem::path& state, const std::string& authorization) {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization.starts_with(scheme) || sodium_init() < 0) return std::nullopt;
  const std::string wanted = hash_of(authorization.substr(scheme.size()));
  std::ifstream file(file_of(state));
  std::string role, hash;
  while (file >> role >> hash)
    if (hash.size() == wanted.size() && sodium_memcmp(hash.data(), wanted.data(), hash.size()) == 0)
      return role_of(role);
  return std::nullopt;
}

}  // namespace tocsin::cloud
