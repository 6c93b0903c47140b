#include "cloud/app/warnings.h"

#include <spdlog/spdlog.h>

namespace tocsin::cloud {

void Warnings::warn(const std::string& cause, const std::string& detail, MonoTime now) {
  Cause& known = causes_[cause];
  if (now < known.quiet_until) {
    ++known.held_back;
    return;
  }
  if (known.held_back > 0) spdlog::warn("{}: {} more since the last line", cause, known.held_back);
  known = {now + 60s, 0};
  spdlog::warn("{}: {}", cause, detail);
}

}  // namespace tocsin::cloud
