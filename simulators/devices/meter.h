#pragma once
// A simulated meter as memory: what it counts, how fast, and how it likes to be asked. Pure: time is an
// argument.

#include <cstdint>
#include <string>
#include <vector>

#include "core/result/result.h"
#include "core/value/time.h"

namespace tocsin::sim {

enum class MeterKind : std::uint8_t {
  dlt645_2007,
  dlt645_1997,
  water,
  gas,
  heat,
  heat_short,
  mbus_water,
  mbus_heat
};
enum class DiOrder : std::uint8_t { as_asked, high_first, low_first };  // another order is not answered

struct Meter {
  MeterKind kind = MeterKind::dlt645_2007;
  std::string address;  // 12 digits (DL/T 645), 14 (CJ/T 188), 1..250 (M-Bus)
  double total = 0;     // kWh or m3; the register shows two decimals and 8 digits and rolls over
  double rate = 3.6;    // per hour
  double frozen = 0;    // total at the last midnight
  UtcTime frozen_at{};  // that midnight; local time is +08:00
  std::string serial;   // meter number (DL/T 645), id (M-Bus); 12 or 8 digits
  std::size_t split =
      0;  // bytes (DL/T 645) or records (M-Bus) of one frame, the rest in following frames; 0: all
  DiOrder order = DiOrder::as_asked;  // CJ/T 188
  bool valve_closed = false;          // CJ/T 188
  bool fcb = false;                   // M-Bus: of the last request
  std::size_t next_record = 0;        // M-Bus: first record of the next frame

  void advance(Duration elapsed, UtcTime now);  // counts; freezes when a local day begins
  std::int64_t hundredths() const;              // what the register shows
};

// "KIND:ADDRESS[,KEY=VALUE...]", e.g. "dlt645-2007:181226034194,total=1234.56,rate=3.6". Keys: total, rate,
// serial, split, order (high, low), valve (open, closed). Error: bad_input says what was expected.
Result<Meter> parse_meter(const std::string& text, UtcTime now);
// The same keys, for a meter that runs.
Status change_meter(Meter& meter, const std::string& settings);

UtcTime last_midnight(UtcTime now);  // local, +08:00

}  // namespace tocsin::sim
