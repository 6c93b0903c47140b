#pragma once
// The health of a bus as readings, so that a cloud can draw and watch it like any other point: the points
// "bus.online", "bus.good", "bus.timeouts", "bus.checksum", "bus.refused", "bus.late", "bus.wrong",
// "bus.retries" and "bus.answer-p99" (ms) of each device. Pure.

#include <vector>

#include "gateway/bus/bus.h"

namespace tocsin::bus {

std::vector<Reading> health_points(const BusHealth& health, const Stamp& now);

}  // namespace tocsin::bus
