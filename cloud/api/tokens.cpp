#include "cloud/api/tokens.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "core/bytes/hex.h"

namespace tocsin::cloud {
namespace {

constexpr std::array<std::string_view, 5> role_names{"viewer", "city", "operator", "manager", "admin"};
constexpr std::size_t token_bytes = 32;  // random: a fast hash is enough, no salt is needed

std::string hash_of(std::string_view token) {
  Bytes hash(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()), token.size());
  return bytes::to_hex(hash);
}

std::string joined(const std::vector<std::string>& names) {
  if (names.empty()) return "*";
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  if (text == "*") return names;
  std::istringstream in(text);
  for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  return names;
}

// Appended and synced: a token that was shown is good after a power cut.
Status append_line(const std::filesystem::path& file, const std::string& line) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Fault::io, file.string() + ": " + std::strerror(errno), errno);
  const bool good =
      ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!good) return fail(Fault::io, file.string() + ": " + std::strerror(error), error);
  return {};
}

}  // namespace

std::string_view name_of(Role role) {
  return role_names[static_cast<std::size_t>(role)];
}

std::optional<Role> role_of(std::string_view name) {
  for (std::size_t i = 0; i < role_names.size(); ++i)
    if (role_names[i] == name) return static_cast<Role>(i);
  return std::nullopt;
}

bool may_act(const Grant& grant) {
  return grant.role >= Role::operator_;
}

Result<std::string> create_token(const std::filesystem::path& file, Role role,
                                 const std::vector<std::string>& communities, UtcTime now) {
  if (sodium_init() < 0) return fail(Fault::unsupported, "no source of random numbers");
  Bytes random(token_bytes);
  randombytes_buf(random.data(), random.size());
  const std::string token = bytes::to_hex(random);
  const std::string line = hash_of(token) + " " + std::string(name_of(role)) + " " + joined(communities) +
                           " " + to_rfc3339(now) + "\n";
  if (const Status written = append_line(file, line); !written) return written.error();
  return token;
}

std::optional<Grant> Tokens::find(std::string_view token) {
  refresh();
  const std::string hash = hash_of(token);
  for (const Entry& entry : entries_)
    if (sodium_memcmp(entry.hash.data(), hash.data(), hash.size()) == 0) return entry.grant;
  return std::nullopt;
}

void Tokens::refresh() {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(file_, error);
  const auto size = error ? 0 : std::filesystem::file_size(file_, error);
  if (error) {
    entries_.clear();
    read_size_ = 0;
    return;
  }
  if (changed == read_at_ && size == read_size_) return;
  read_at_ = changed;
  read_size_ = size;
  entries_.clear();
  std::ifstream in(file_);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string hash, role, communities;
    words >> hash >> role >> communities;
    const auto known = role_of(role);
    if (hash.size() != 2 * crypto_hash_sha256_BYTES || !known || communities.empty()) continue;
    entries_.push_back({hash, {*known, split(communities), role + ":" + hash.substr(0, 8)}});
  }
}

}  // namespace tocsin::cloud
