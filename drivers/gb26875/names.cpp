#include "drivers/gb26875/names.h"

#include <algorithm>
#include <array>
#include <span>

namespace tocsin::gb26875 {
namespace {

struct Name {
  std::uint8_t number;
  std::string_view text;
};

constexpr std::array types{
    Name{1, "facility system state"},
    Name{2, "part state"},
    Name{3, "part analog value"},
    Name{4, "facility operation"},
    Name{5, "facility software version"},
    Name{6, "system configuration"},
    Name{7, "part configuration"},
    Name{8, "facility clock"},
    Name{21, "device state"},
    Name{24, "device operation"},
    Name{25, "device software version"},
    Name{26, "device configuration"},
    Name{28, "device clock"},
    Name{61, "read system state"},
    Name{62, "read part state"},
    Name{63, "read part analog value"},
    Name{64, "read facility operations"},
    Name{65, "read facility version"},
    Name{66, "read system configuration"},
    Name{67, "read part configuration"},
    Name{68, "read facility clock"},
    Name{81, "read device state"},
    Name{84, "read device operations"},
    Name{85, "read device version"},
    Name{86, "read device configuration"},
    Name{88, "read device clock"},
    Name{89, "initialise device"},
    Name{90, "synchronise clock"},
    Name{91, "duty check"},
};

constexpr std::array systems{
    Name{0, "general"},
    Name{1, "fire alarm"},
    Name{10, "linkage controller"},
    Name{11, "hydrant"},
    Name{12, "sprinkler"},
    Name{13, "gas extinguishing"},
    Name{14, "water spray (pump)"},
    Name{15, "water spray (vessel)"},
    Name{16, "foam"},
    Name{17, "powder"},
    Name{18, "smoke control"},
    Name{19, "fire doors and shutters"},
    Name{20, "fire lift"},
    Name{21, "emergency broadcast"},
    Name{22, "emergency lighting and evacuation"},
    Name{23, "fire power supply"},
    Name{24, "fire telephone"},
};

constexpr std::array parts{
    Name{0, "general"},
    Name{1, "fire alarm controller"},
    Name{10, "combustible gas detector"},
    Name{11, "point gas detector"},
    Name{12, "independent gas detector"},
    Name{13, "line gas detector"},
    Name{16, "electrical fire monitor"},
    Name{17, "residual current detector"},
    Name{18, "temperature detector (electrical)"},
    Name{21, "detection loop"},
    Name{22, "display panel"},
    Name{23, "manual call point"},
    Name{24, "hydrant button"},
    Name{25, "fire detector"},
    Name{30, "heat detector"},
    Name{31, "point heat detector"},
    Name{32, "point heat detector S"},
    Name{33, "point heat detector R"},
    Name{34, "line heat detector"},
    Name{35, "line heat detector S"},
    Name{36, "line heat detector R"},
    Name{37, "fibre heat detector"},
    Name{40, "smoke detector"},
    Name{41, "ionisation smoke detector"},
    Name{42, "photoelectric smoke detector"},
    Name{43, "beam smoke detector"},
    Name{44, "aspirating smoke detector"},
    Name{50, "combined detector"},
    Name{51, "combined smoke and heat detector"},
    Name{52, "combined light and heat detector"},
    Name{53, "combined light and smoke detector"},
    Name{61, "ultraviolet flame detector"},
    Name{62, "infrared flame detector"},
    Name{69, "optical flame detector"},
    Name{74, "gas detector"},
    Name{78, "video fire detector"},
    Name{79, "acoustic fire detector"},
    Name{81, "gas extinguishing controller"},
    Name{82, "electrical control device"},
    Name{83, "control room display (CRT)"},
    Name{84, "module"},
    Name{85, "input module"},
    Name{86, "output module"},
    Name{87, "input/output module"},
    Name{88, "relay module"},
    Name{91, "fire pump"},
    Name{92, "fire water tank"},
    Name{95, "spray pump"},
    Name{96, "flow switch"},
    Name{97, "signal valve"},
    Name{98, "alarm valve"},
    Name{99, "pressure switch"},
    Name{101, "valve drive"},
    Name{102, "fire door"},
    Name{103, "fire damper"},
    Name{104, "ventilation"},
    Name{105, "foam pump"},
    Name{106, "solenoid valve"},
    Name{111, "smoke fan"},
    Name{113, "smoke damper"},
    Name{114, "air inlet"},
    Name{115, "smoke outlet"},
    Name{116, "smoke curtain"},
    Name{117, "fire shutter controller"},
    Name{118, "fire door monitor"},
    Name{121, "alarm device"},
};

constexpr std::array<std::string_view, 14> system_status{"normal running",
                                                         "fire",
                                                         "fault",
                                                         "shielded",
                                                         "supervisory",
                                                         "started",
                                                         "feedback",
                                                         "delay",
                                                         "mains fault",
                                                         "standby power fault",
                                                         "bus fault",
                                                         "manual",
                                                         "configuration changed",
                                                         "reset"};
constexpr std::array<std::string_view, 9> part_status{"normal running", "fire",        "fault",
                                                      "shielded",       "supervisory", "started",
                                                      "feedback",       "delay",       "power fault"};
constexpr std::array<std::string_view, 7> device_status{
    "normal monitoring",     "fire", "fault", "mains fault", "standby power fault", "channel to centre fault",
    "line to facility fault"};
constexpr std::array<std::string_view, 7> system_operations{
    "reset", "mute", "manual alarm", "alarm cleared", "self-test", "confirm", "test"};
constexpr std::array<std::string_view, 7> device_operations{
    "reset", "mute", "manual alarm", "alarm cleared", "self-test", "duty check answered", "test"};

constexpr std::array<Analog, 13> analogs{{
    {"", "", 1},
    {"count", "", 1},
    {"height", "m", 0.01},
    {"temperature", "degC", 0.1},
    {"pressure", "MPa", 0.1},
    {"pressure", "kPa", 0.1},
    {"gas", "%LEL", 0.1},
    {"time", "s", 1},
    {"voltage", "V", 0.1},
    {"current", "A", 0.1},
    {"flow", "L/s", 0.1},
    {"air volume", "m3/min", 0.1},
    {"wind speed", "m/s", 1},
}};

std::string_view find(std::span<const Name> names, std::uint8_t number) {
  if (number >= 128) return "user-defined";
  const auto found = std::ranges::find(names, number, &Name::number);
  return found == names.end() ? std::string_view{} : found->text;
}

std::span<const std::string_view> bits_of(std::uint8_t type_flag) {
  switch (type_flag) {
    case 1: return system_status;
    case 2: return part_status;
    case 4: return system_operations;
    case 21: return device_status;
    case 24: return device_operations;
    default: return {};
  }
}

}  // namespace

std::string_view type_name(std::uint8_t type_flag) {
  return find(types, type_flag);
}
std::string_view system_type_name(std::uint8_t system_type) {
  return find(systems, system_type);
}
std::string_view part_type_name(std::uint8_t part_type) {
  return find(parts, part_type);
}

std::string_view status_bit_name(std::uint8_t type_flag, unsigned bit) {
  const auto names = bits_of(type_flag);
  return bit < names.size() ? names[bit] : std::string_view{};
}

Analog analog_of(std::uint8_t analog_type) {
  return analog_type < analogs.size() ? analogs[analog_type] : analogs[0];
}

}  // namespace tocsin::gb26875
