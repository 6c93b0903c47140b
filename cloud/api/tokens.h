#pragma once
// Bearer tokens of the API. The file <state>/tokens holds one line per token: SHA-256 of the token, role,
// communities ("*" or a comma list), time of creation. The token itself is shown once, when it is made, and
// kept nowhere.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::cloud {

enum class Role : std::uint8_t { viewer, city, operator_, manager, admin };
std::string_view name_of(Role role);
std::optional<Role> role_of(std::string_view name);

struct Grant {
  Role role = Role::viewer;
  std::vector<std::string> communities;  // empty: all
  std::string who;  // for the audit: "operator:1f3a9c0e", the role and the start of the token's hash
};

// Acknowledge, comment, close: not for those who only look.
bool may_act(const Grant& grant);

// Adds a token with this role to the file, which is made with mode 0600 when it is not there. Gives the
// token.
Result<std::string> create_token(const std::filesystem::path& file, Role role,
                                 const std::vector<std::string>& communities, UtcTime now);

// The tokens of the file; read again when the file has changed. Owned by the Asio thread.
class Tokens {
 public:
  explicit Tokens(std::filesystem::path file) : file_(std::move(file)) {}

  std::optional<Grant> find(std::string_view token);

 private:
  struct Entry {
    std::string hash;
    Grant grant;
  };
  void refresh();

  std::filesystem::path file_;
  std::filesystem::file_time_type read_at_{};
  std::uintmax_t read_size_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace tocsin::cloud
