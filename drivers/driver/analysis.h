#pragma once
// Worst-case times of a bus, computed before it runs (design section 5). Pure. The scheduler analysed is
// PollPlan: earliest deadline first, a conversation in progress is not interrupted, a read that is late is
// late once.
//
// For a life-safety read i with period P, the change happens just after its sample was taken:
//   detection = P + wait + read + second read
// While i waits, another read j can go first once, and again only while its next deadlines are still before
// i's; before that the conversation in progress ends; and within the same time fall the budgeted faults,
// commands and one probe of a dead device with what its share earns again. The bound holds at any load; on an
// overloaded bus it is only long.

#include <string>
#include <vector>

#include "drivers/driver/planned_read.h"

namespace tocsin::driver {

// What may go wrong and come up within one detection or actuation.
struct Budget {
  int faults =
      1;  // conversations that fail, each with its timeout and quiet time; also a second read that disagrees
  int commands = 1;  // commands for this bus that come at once
  bool dead = true;  // some device is dead and is probed
};

struct Detection {
  std::string point;  // "device/point"
  Duration worst{};
  Duration deadline{};
};
struct Actuation {
  std::string point;
  Duration worst{};  // from the command to the read-back, behind the other commands of the budget
};

struct Analysis {
  std::vector<Detection> detections;  // every life-safety point
  std::vector<Actuation> actuations;  // every writable point
  double load = 0;  // share of line time that the reads need without faults; above 1 periods are not kept
};

Analysis analyse(const std::vector<PlannedDevice>& devices, const LineCost& line, const Budget& budget);

}  // namespace tocsin::driver
