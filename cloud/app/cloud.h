#pragma once
// The composition root of `tocsin-cloud run`: one Asio thread that owns everything but the database, which
// has its own.

#include <filesystem>
#include <memory>

#include "cloud/app/config.h"
#include "core/result/result.h"

namespace tocsin::cloud {

struct RunOptions {
  std::filesystem::path state;  // directory
  bool restored =
      false;  // the database came back from a backup: watermarks may go back, the feed starts a new epoch
};

// Runs until SIGTERM or SIGINT. An Error when it cannot start.
Status run_cloud(const Config& config, const RunOptions& options);

}  // namespace tocsin::cloud
