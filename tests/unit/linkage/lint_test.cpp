#include "core/linkage/lint.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/unit/linkage/small_building.h"

using namespace tocsin;
using namespace tocsin::linkage;
using namespace tocsin::linkage::test;

namespace {

Surroundings surroundings() {
  return {.zones = {"3F", "kitchen"},
          .zones_with_detectors = {"3F", "kitchen"},
          .detectors_without_zone = {},
          .devices = {"relay-1", "relay-2", "panel-1"},
          .outputs_without_watchdog = {}};
}

// "refused | effect door | …" for the findings that contain the text.
bool found(const std::vector<Finding>& findings, bool refused, const std::string& where,
           const std::string& text) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.refused == refused && finding.where == where &&
           finding.message.find(text) != std::string::npos;
  });
}

constexpr bool refused = true, warned = false;

struct Case {
  const char* name;
  void (*change)(Matrix&, Surroundings&);
  bool refused;
  const char* where;
  const char* text;
};

// Each is one change of a good building, and the finding it must give.
const Case cases[] = {
    {"detector without zone", [](Matrix&, Surroundings& s) { s.detectors_without_zone = {"smoke-9"}; },
     refused, "device smoke-9", "without a zone"},
    {"zone without effect",
     [](Matrix&, Surroundings& s) {
       s.zones.insert("4F");
       s.zones_with_detectors.insert("4F");
     },
     refused, "zone 4F", "no effect"},
    {"effect in an unknown zone", [](Matrix& m, Surroundings&) { m.effects[0].zone = "9F"; }, refused,
     "effect door", "unknown zone \"9F\""},
    {"escape door without release row", [](Matrix& m, Surroundings&) { m.rows[0].when = gas("kitchen"); },
     refused, "effect door", "without a release row"},
    {"escape door that a row locks", [](Matrix& m, Surroundings&) { m.effects[0].active = true; }, refused,
     "effect door", "would lock"},
    {"escape door energised to be safe",
     [](Matrix& m, Surroundings&) {
       m.effects[0].safe = m.effects[0].active = true;
       m.effects[0].normal = false;
     },
     refused, "effect door", "de-energise-to-release"},
    {"valve energised to be safe",
     [](Matrix& m, Surroundings&) { m.effects[1].safe = m.effects[1].active = true; }, refused,
     "effect valve", "de-energise-to-close"},
    {"other output energised to be safe", [](Matrix& m, Surroundings&) { m.effects[2].safe = true; }, warned,
     "effect fan", "only while its coil is energised"},
    {"valve that a row opens", [](Matrix& m, Surroundings&) { m.effects[1].active = true; }, refused,
     "effect valve", "would open"},
    {"valve that opens by itself", [](Matrix& m, Surroundings&) { m.rows[1].mode = Mode::while_active; },
     refused, "linkage row 2", "by itself"},
    {"loss that acts through the lost device",
     [](Matrix& m, Surroundings&) { m.rows.push_back(row(loss("relay-1"), {"fan"})); }, refused,
     "linkage row 4", "cycle"},
    {"loss whose feedback is on the lost device",
     [](Matrix& m, Surroundings&) {
       m.effects[2].output.device = "relay-2";
       m.rows.push_back(row(loss("relay-1"), {"fan"}));
     },
     refused, "linkage row 4", "cycle"},
    {"loss of an unknown device",
     [](Matrix& m, Surroundings&) { m.rows.push_back(row(loss("nobody"), {"fan"})); }, refused,
     "linkage row 4", "unknown device \"nobody\""},
    {"row with an unknown zone",
     [](Matrix& m, Surroundings&) { m.rows.push_back(row(gas("attic"), {"fan"})); }, refused, "linkage row 4",
     "unknown zone \"attic\""},
    {"row with an unknown effect", [](Matrix& m, Surroundings&) { m.rows[0].then.push_back("siren"); },
     refused, "linkage row 1", "unknown effect \"siren\""},
    {"row without effects", [](Matrix& m, Surroundings&) { m.rows.push_back(row(gas("3F"), {})); }, refused,
     "linkage row 4", "drives nothing"},
    {"effect twice in a row", [](Matrix& m, Surroundings&) { m.rows[1].then.push_back("fan"); }, refused,
     "linkage row 2", "more than once"},
    {"effect twice", [](Matrix& m, Surroundings&) { m.effects[3].name = "fan"; }, refused, "effect fan",
     "declared twice"},
    {"two effects of one output", [](Matrix& m, Surroundings&) { m.effects[3].output = m.effects[2].output; },
     refused, "effect lift", "drives already"},
    {"rows that contradict each other",
     [](Matrix& m, Surroundings&) { m.rows.push_back(row(fire("3F"), {"lift"}, Mode::latch)); }, refused,
     "linkage row 4", "contradicts row 3"},
    {"rows that repeat each other",
     [](Matrix& m, Surroundings&) { m.rows.push_back(row(fire("3F"), {"door"})); }, warned, "linkage row 4",
     "repeats row 1"},
    {"delay too long", [](Matrix& m, Surroundings&) { m.rows[2].delay = 181s; }, refused, "linkage row 3",
     "at most 3m"},
    {"delayed call for help",
     [](Matrix& m, Surroundings&) {
       m.rows.push_back(row({CauseKind::sos, "3F", {}}, {"lift"}, Mode::pulse, 1s));
     },
     refused, "linkage row 4", "call for help"},
    {"negative stagger", [](Matrix& m, Surroundings&) { m.rows[1].stagger = -1s; }, refused, "linkage row 2",
     "stagger"},
    {"pulse without width", [](Matrix& m, Surroundings&) { m.rows[2].pulse = 0s; }, refused, "linkage row 3",
     "width"},
    {"width without pulse", [](Matrix& m, Surroundings&) { m.rows[0].pulse = 1s; }, warned, "linkage row 1",
     "width"},
    {"delayed escape door", [](Matrix& m, Surroundings&) { m.rows[0].delay = 5s; }, warned, "linkage row 1",
     "at once all the same"},
    {"late valve", [](Matrix& m, Surroundings&) { m.rows[1].delay = 2s; }, warned, "linkage row 2",
     "only after 2s"},
    {"unrated output energised in gas", [](Matrix& m, Surroundings&) { m.effects[2].ex_rated = false; },
     warned, "linkage row 2", "blocked"},
    {"no feedback", [](Matrix& m, Surroundings&) { m.effects[0].feedback.reset(); }, warned, "effect door",
     "no feedback point"},
    {"no watchdog", [](Matrix&, Surroundings& s) { s.outputs_without_watchdog = {"relay-1/ch1"}; }, warned,
     "effect door", "without a communication watchdog"},
    {"driven by no row", [](Matrix& m, Surroundings&) { m.rows.pop_back(); }, warned, "effect lift",
     "no row"},
    {"moved by no row", [](Matrix& m, Surroundings&) { m.effects[3].active = false; }, warned, "effect lift",
     "same level"},
    {"row without detectors", [](Matrix&, Surroundings& s) { s.zones_with_detectors.erase("3F"); }, warned,
     "linkage row 1", "without detectors"},
};

}  // namespace

TEST_CASE("a sound matrix has no findings") {
  CHECK(lint(small_building(), surroundings()).empty());
}

TEST_CASE("each unsafe change is found, and names its place") {
  for (const Case& unsafe : cases) {
    CAPTURE(unsafe.name);
    Matrix matrix = small_building();
    Surroundings around = surroundings();
    unsafe.change(matrix, around);
    CHECK(found(lint(matrix, around), unsafe.refused, unsafe.where, unsafe.text));
  }
}

TEST_CASE("a gateway that only reports is warned, not refused") {
  const auto findings = lint({}, surroundings());
  CHECK(found(findings, warned, "zone 3F", "no effect"));
  CHECK(
      std::none_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.refused; }));
}
