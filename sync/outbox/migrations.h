#pragma once
// The numbered SQL files of migrations/, compiled in. Each runs in one transaction that also raises PRAGMA
// user_version.

#include <string_view>
#include <vector>

#include "sync/outbox/db.h"

namespace tocsin::outbox {

extern const std::vector<std::string_view>
    migrations;  // [0] leads to version 1; generated from migrations/*.sql

Status check_version(std::int64_t user_version);  // Fault::newer_version when the file is of a later program
Status migrate(Db& db);

}  // namespace tocsin::outbox
