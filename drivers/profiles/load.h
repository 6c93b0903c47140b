#pragma once
// Reads a device model's TOML. Every problem is collected; the caller reads the file.

#include <memory>
#include <string>

#include "core/config/document.h"
#include "drivers/driver/profile.h"

namespace tocsin::profiles {

// `name` is the path below the profile folder without ".toml": "smoke/uniguard-ug3". Nothing when the text is
// unusable; otherwise check problems.ok().
std::shared_ptr<driver::Profile> load(const std::string& text, const std::string& file,
                                      const std::string& name, config::Problems& problems);

// One rule: {name, class, latch, latch_from, on_delay, off_delay, levels = [{stage, above = 25, deadband =
// 2}, …]}. Also used for a device's own rules in gateway.toml.
alarm::Rule read_rule(const config::Table& table);

// The expansion that review sees: one line per point and rule (tests/golden/profiles).
std::string describe(const driver::Profile& profile);

}  // namespace tocsin::profiles
