#include "cloud/commands/signing_key.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/bytes/hex.h"
#include "core/value/point.h"
#include "sync/wire/orders.h"

namespace tocsin::cloud {
namespace {

constexpr auto extension = ".key";

Error system_error(const std::filesystem::path& file) {
  return fail(Fault::io, file.string() + ": " + std::strerror(errno), errno);
}

// Made with its final mode and synced: a key that was shown is good after a power cut.
Status write_new(const std::filesystem::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
  if (fd < 0 && errno == EEXIST)
    return fail(Fault::refused, file.string() + " is there already; a key is never overwritten");
  if (fd < 0) return system_error(file);
  const bool good =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const Status written = good ? Status{} : Status{system_error(file)};
  ::close(fd);
  if (!good) ::unlink(file.c_str());
  return written;
}

Result<std::filesystem::path> file_of(const std::filesystem::path& state, const std::string& name) {
  const std::filesystem::path keys = state / "keys";
  if (!name.empty()) return keys / (name + extension);
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(keys, error))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  if (found.size() == 1) return found.front();
  if (found.empty())
    return fail(Fault::not_found,
                "no signing key; make one: tocsin-cloud key create --name NAME --state " + state.string());
  return fail(Fault::refused,
              "several signing keys in " + keys.string() + "; name one: commands = { key = \"NAME\" }");
}

}  // namespace

Result<std::string> create_signing_key(const std::filesystem::path& state, const std::string& name) {
  if (sodium_init() < 0) return fail(Fault::unsupported, "no source of random numbers");
  if (!is_name(name)) return fail(Fault::bad_input, "found name '" + name + "', expected a name");
  std::error_code error;
  std::filesystem::create_directories(state / "keys", error);
  if (error) return fail(Fault::io, (state / "keys").string() + ": " + error.message(), error.value());
  ::chmod((state / "keys").c_str(), 0700);
  Bytes seed(crypto_sign_SEEDBYTES), secret(crypto_sign_SECRETKEYBYTES), open(crypto_sign_PUBLICKEYBYTES);
  randombytes_buf(seed.data(), seed.size());
  crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
  std::string line = bytes::to_hex(seed) + "\n";
  const Status written = write_new(state / "keys" / (name + extension), line);
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(secret.data(), secret.size());
  sodium_memzero(line.data(), line.size());
  if (!written) return written.error();
  return bytes::to_hex(open);
}

Result<SigningKey> SigningKey::load(const std::filesystem::path& state, const std::string& name) {
  const auto file = file_of(state, name);
  if (!file) return file.error();
  struct stat about {};
  if (::stat(file->c_str(), &about) != 0) return system_error(*file);
  if ((about.st_mode & 077) != 0)
    return fail(Fault::refused, file->string() + " can be read by others: chmod 0400 " + file->string());
  std::ifstream in(*file);
  std::string text;
  std::getline(in, text);
  auto seed = bytes::from_hex(text);
  sodium_memzero(text.data(), text.size());
  if (!seed || seed->size() != crypto_sign_SEEDBYTES)
    return fail(Fault::bad_input, file->string() + ": expected one line of 64 hex digits");
  SigningKey key;
  key.name_ = file->stem().string();
  key.secret_.resize(crypto_sign_SECRETKEYBYTES);
  Bytes open(crypto_sign_PUBLICKEYBYTES);
  crypto_sign_seed_keypair(open.data(), key.secret_.data(), seed->data());
  sodium_memzero(seed->data(), seed->size());
  return key;
}

SigningKey::~SigningKey() {
  if (!secret_.empty()) sodium_memzero(secret_.data(), secret_.size());
}

Bytes SigningKey::sign(ByteView payload) const {
  Bytes signature(crypto_sign_BYTES);
  crypto_sign_detached(signature.data(), nullptr, payload.data(), payload.size(), secret_.data());
  return wire::encode_signed({{payload.begin(), payload.end()}, name_, signature});
}

}  // namespace tocsin::cloud
