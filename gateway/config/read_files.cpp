#include <filesystem>
#include <fstream>
#include <sstream>

#include "gateway/config/config.h"

namespace tocsin::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = 1 << 20;

std::optional<std::string> read_text(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size > largest_file || !fs::is_regular_file(path, error)) return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return std::nullopt;
  return std::move(text).str();
}

// A profile's or board's name comes from a file: it must not climb out of its folder.
bool stays_inside(const std::string& name) {
  return !name.empty() && name.find("..") == std::string::npos && name.front() != '/';
}

}  // namespace

Result<Files> read_files(const std::string& config_path, const std::string& profiles_dir) {
  const auto text = read_text(config_path);
  if (!text) return fail(Fault::not_found, "cannot read " + config_path + " (a text file of at most 1 MiB)");
  if (!fs::is_directory(profiles_dir))
    return fail(Fault::not_found, "no folder of profiles: " + profiles_dir);
  Files files;
  files.config_name = config_path;
  files.config = *text;
  files.profile = [dir = fs::path(profiles_dir)](const std::string& name) -> std::optional<std::string> {
    if (!stays_inside(name)) return std::nullopt;
    return read_text(dir / (name + ".toml"));
  };
  files.board = [dir = fs::path(profiles_dir)](const std::string& name) -> std::optional<std::string> {
    if (!stays_inside(name)) return std::nullopt;
    for (const auto& place : {dir / "boards", dir / ".." / "boards", dir / ".." / ".." / "boards"})
      if (auto found = read_text(place / (name + ".toml"))) return found;
    return std::nullopt;
  };
  return files;
}

}  // namespace tocsin::gateway
