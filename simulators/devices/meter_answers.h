#pragma once
// What a meter answers, by the standards and not by the drivers' codecs: DL/T 645-2007 and -1997, CJ/T 188,
// M-Bus (EN 13757). The encoder is its own, so that a mistake of a codec is not answered by the same mistake.
// Pure.

#include <optional>
#include <vector>

#include "core/bytes/reader.h"
#include "simulators/devices/meter.h"

namespace tocsin::sim {

// How an answer lies although its checksum is right.
enum class Twist : std::uint8_t {
  none,
  wrong_address,  // of another meter
  exception,      // refuses
  zero,           // the total reads 0
  jump,           // the total reads 10 % of the register more
};

struct Found {
  std::size_t skip = 0;          // bytes of the input that are done with
  std::optional<Bytes> request;  // the first whole request to one of the meters
  Meter* meter = nullptr;        // whom it is to; one of `meters`
};
// Looks for a request; noise and requests to others are skipped.
Found find_request(std::vector<Meter>& meters, ByteView input);

// Empty when the meter stays silent. `meter` may change: valve, following frames.
Bytes answer(Meter& meter, ByteView request, Twist twist = Twist::none);

// The protocols, one each; `request` is whole and its checksum right.
Bytes answer_dlt645(Meter& meter, ByteView request, Twist twist);
Bytes answer_cjt188(Meter& meter, ByteView request, Twist twist);
Bytes answer_mbus(Meter& meter, ByteView request, Twist twist);

// Shared by the encoders.
std::uint8_t checksum(ByteView bytes);                                // sum mod 256
Bytes bcd(std::int64_t number, std::size_t width);                    // lowest byte first
Bytes reversed_digits(const std::string& digits, std::size_t width);  // "1234" -> 34 12 00...
std::int64_t shown(const Meter& meter, Twist twist);                  // the total in hundredths

}  // namespace tocsin::sim
