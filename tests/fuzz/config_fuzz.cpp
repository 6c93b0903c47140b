// Fuzz target of every TOML file that a person writes: gateway, cloud, device model and linkage scenario.
// Each gives a value or problems that name the file.

#include "cloud/app/config.h"
#include "drivers/profiles/load.h"
#include "gateway/config/config.h"
#include "gateway/flow/scenario.h"
#include "tests/fuzz/require.h"

using namespace tocsin;

namespace {

const std::string small_profile = R"(
label = "smoke"
protocol = "modbus"
[limits]
answer = "20ms"
[[point]]
name = "smoke"
source = { table = "discrete", address = 0 }
life_safety = true
)";

void check(const config::Problems& problems) {
  for (const config::Problem& problem : problems.list()) fuzz::require(!to_string(problem).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto profile = [](const std::string&) { return std::optional(small_profile); };
  const auto board = [](const std::string&) { return std::optional(std::string()); };
  config::Problems gateway, cloud_side, model, story;
  (void)gateway::load_config({"gateway.toml", text, profile, board}, gateway);
  if (const auto document = config::parse(text, "cloud.toml", cloud_side))
    (void)cloud::read_config(*document, ".");
  if (const auto read = profiles::load(text, "model.toml", "kind/model", model))
    (void)profiles::describe(*read);
  (void)flow::read_scenario(text, "story.toml", story);
  for (const auto* problems : {&gateway, &cloud_side, &model, &story}) check(*problems);
  return 0;
}
