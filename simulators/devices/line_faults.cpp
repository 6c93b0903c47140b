#include "simulators/devices/line_faults.h"

#include <algorithm>
#include <sstream>

namespace tocsin::sim {
namespace {

constexpr std::array<std::string_view, fault_kinds> names{
    "none", "late",   "truncate",  "drip",   "noise", "corrupt", "wrong-address",
    "echo", "babble", "exception", "silent", "zero",  "jump",    "unplug"};
constexpr Duration shortest_part = 2ms;  // finer than a timer can keep

std::array<Duration, fault_kinds> usual_times() {
  std::array<Duration, fault_kinds> times{};
  times[static_cast<std::size_t>(LineFault::late)] = 800ms;
  times[static_cast<std::size_t>(LineFault::drip)] = 20ms;
  times[static_cast<std::size_t>(LineFault::babble)] = 500ms;
  times[static_cast<std::size_t>(LineFault::unplug)] = 3s;
  return times;
}

}  // namespace

std::string_view name_of(LineFault fault) {
  return names[static_cast<std::size_t>(fault)];
}

Status LineFaults::set(const std::string& text) {
  const auto equals = text.find('='), at = text.find('@');
  const auto name = std::find(names.begin() + 1, names.end(), text.substr(0, equals));
  double chance = -1;
  if (equals != std::string::npos) std::istringstream(text.substr(equals + 1)) >> chance;
  const auto index = static_cast<std::size_t>(name - names.begin());
  Result<Duration> time = usual_times()[index % fault_kinds];
  if (at != std::string::npos) time = parse_duration(text.substr(at + 1));
  if (name == names.end() || chance < 0 || chance > 1 || !time) {
    std::string known;
    for (std::size_t i = 1; i < names.size(); ++i) known += (i == 1 ? "" : ", ") + std::string(names[i]);
    return fail(
        Fault::bad_input,
        "\"" + text +
            "\" is no fault: NAME=CHANCE or NAME=CHANCE@TIME, such as late=0.1@800ms, with NAME one of " +
            known);
  }
  rates_[index] = {chance, *time};
  return {};
}

LineFault LineFaults::draw() {
  double mark = static_cast<double>(random_() >> 11) / static_cast<double>(1ull << 53);
  std::size_t drawn = 0;
  for (std::size_t i = 1; i < fault_kinds && drawn == 0; ++i) {
    if (mark < rates_[i].chance) drawn = i;
    mark -= rates_[i].chance;
  }
  ++counts_[drawn];
  return static_cast<LineFault>(drawn);
}

std::vector<LineFaults::Part> LineFaults::play(LineFault fault, ByteView request, const Bytes& answer,
                                               Duration byte_time) {
  Bytes bytes = answer;
  Duration wait{};
  const Duration time = rate(fault).time;
  const auto random_byte = [this] { return static_cast<std::uint8_t>(random_()); };
  if (fault == LineFault::silent || fault == LineFault::unplug) return {};
  if (fault == LineFault::late) wait = time;
  if (fault == LineFault::truncate) bytes.resize(below(bytes.size()));
  if (fault == LineFault::corrupt && !bytes.empty())
    bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1u << below(8));
  if (fault == LineFault::echo) bytes.insert(bytes.begin(), request.begin(), request.end());
  if (fault == LineFault::noise) {
    const std::size_t from = below(bytes.size()),
                      count = std::min<std::size_t>(1 + below(8), bytes.size() - from);
    for (std::size_t i = 0; i < count; ++i) bytes[from + i] = random_byte();
    for (std::uint64_t i = 1 + below(8); i > 0; --i) bytes.insert(bytes.begin(), random_byte());
  }
  if (fault == LineFault::babble)
    for (Duration left = time; left > Duration{}; left -= byte_time) bytes.push_back(random_byte());

  std::vector<Part> parts;
  const std::size_t step =
      fault == LineFault::drip
          ? 1
          : std::max<std::size_t>(1, static_cast<std::size_t>(shortest_part / byte_time));
  for (std::size_t from = 0; from < bytes.size(); from += step) {
    const std::size_t to = std::min(from + step, bytes.size());
    const Duration pause = fault == LineFault::drip ? time : Duration{};
    parts.push_back(
        {byte_time * static_cast<std::int64_t>(to - from) + pause + (from == 0 ? wait : Duration{}),
         Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(from),
               bytes.begin() + static_cast<std::ptrdiff_t>(to))});
  }
  return parts;
}

}  // namespace tocsin::sim
