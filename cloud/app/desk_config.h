#pragma once
// The parts of cloud.toml that say who is told of alarms: [webhook.NAME] and [[duty.COMMUNITY]].

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cloud/desk/desk.h"
#include "cloud/desk/webhook.h"
#include "core/config/document.h"

namespace tocsin::cloud {

bool is_loopback(const std::string& host);

// `directory`: what relative file names are relative to. Reads each secret from its file.
std::vector<Webhook> read_webhooks(const config::Table& document, const std::filesystem::path& directory);

// The duty lists and which webhook gets every change; without the places of gateways.
DeskSettings read_desk(const config::Table& document, const std::set<std::string>& communities,
                       const std::vector<Webhook>& webhooks);

}  // namespace tocsin::cloud
