// Fuzz target of the Wiegand formats: the first byte is the number of bits, the rest the packed bits.

#include "drivers/wiegand/wiegand.h"
#include "tests/fuzz/require.h"

using namespace tocsin;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView packed(data + 1, size - 1);
  (void)wiegand::from_number(packed, data[0]);
  const auto bits = wiegand::from_packed(packed, data[0]);
  if (!bits) return 0;
  require(wiegand::from_packed(wiegand::to_packed(*bits), bits->count).value() == *bits);
  for (const wiegand::Format& format : wiegand::formats())
    if (const auto card = wiegand::decode(*bits, format))
      require(wiegand::encode(*card, format).value() == *bits);
  if (const auto key = wiegand::decode_key(*bits))
    require(wiegand::encode_key(*key, bits->count).value() == *bits);
  return 0;
}
