// The objects of each type flag, GB/T 26875.3-2011 clause 8.

#include <algorithm>
#include <array>

#include "drivers/gb26875/application.h"

namespace tocsin::gb26875 {
namespace {

using enum Field;

constexpr std::array system_state{system_type, system_addr, status, time};
constexpr std::array part_state{system_type, system_addr, part_type, part_addr, status, text31, time};
constexpr std::array part_analog{system_type, system_addr, part_type, part_addr, analog_type, analog, time};
constexpr std::array system_operation{system_type, system_addr, operation, operator_id, time};
constexpr std::array system_version{system_type, system_addr, major, minor};
constexpr std::array system_configuration{system_type, system_addr, counted_text};
constexpr std::array part_configuration{system_type, system_addr, part_type, part_addr, text31};
constexpr std::array system_clock{system_type, system_addr, time};
constexpr std::array device_state{status_byte, time};
constexpr std::array device_operation{operation, operator_id, time};
constexpr std::array device_version{major, minor};
constexpr std::array device_configuration{counted_text};
constexpr std::array clock_only{time};
constexpr std::array of_system{system_type, system_addr};
constexpr std::array of_part{system_type, system_addr, part_addr};
constexpr std::array of_operations{system_type, system_addr, record_count, time};
constexpr std::array of_device_operations{record_count, time};
constexpr std::array plain_parameter{parameter};

constexpr std::array layouts{
    Layout{1, 102, system_state},
    Layout{2, 22, part_state},
    Layout{3, 63, part_analog},
    Layout{4, 102, system_operation},
    Layout{5, 1, system_version},
    Layout{6, 3, system_configuration},
    Layout{7, 26, part_configuration},
    Layout{8, 1, system_clock},
    Layout{21, 1, device_state},
    Layout{24, 127, device_operation},
    Layout{25, 1, device_version},
    Layout{26, 1, device_configuration},
    Layout{28, 1, clock_only},
    Layout{61, 102, of_system},
    Layout{62, 22, of_part},
    Layout{63, 63, of_part},
    Layout{64, 1, of_operations},
    Layout{65, 1, of_system},
    Layout{66, 3, of_system},
    Layout{67, 26, of_part},
    Layout{68, 1, of_system},
    Layout{81, 1, plain_parameter},
    Layout{84, 1, of_device_operations},
    Layout{85, 1, plain_parameter},
    Layout{86, 1, plain_parameter},
    Layout{88, 1, plain_parameter},
    Layout{89, 1, plain_parameter},
    Layout{90, 1, clock_only},
    Layout{91, 1, plain_parameter},
};

}  // namespace

const Layout* find_layout(std::uint8_t type) {
  const auto found = std::ranges::find(layouts, type, &Layout::type);
  return found == layouts.end() ? nullptr : &*found;
}

}  // namespace tocsin::gb26875
