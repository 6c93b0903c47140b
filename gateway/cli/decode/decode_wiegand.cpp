// `tocsin decode wiegand`: the captured bits as one right-aligned number.

#include <string>

#include "drivers/wiegand/wiegand.h"
#include "gateway/cli/decode/protocols.h"

namespace tocsin::decode {
namespace {

std::string bit_string(const wiegand::Bits& bits) {
  std::string text;
  for (unsigned i = 0; i < bits.count; ++i) text += bits.at(i) ? '1' : '0';
  return text;
}

std::string span_text(const wiegand::Bits& bits, const wiegand::Field& field, std::string_view meaning) {
  return "bits " + std::to_string(field.first) + ".." + std::to_string(field.first + field.length - 1) +
         "  " + bit_string({bits.field(field.first, field.length), field.length}) + "  " +
         std::string(meaning) + "\n";
}

Decoded key(const wiegand::Bits& bits) {
  const Result<char> key = wiegand::decode_key(bits);
  if (!key) return reject("keypad", to_string(key.error()));
  Decoded out{true, {{"valid", true}, {"bit_count", bits.count}, {"bits_msb_first", bit_string(bits)}}, {}};
  out.json["format"] = bits.count == 4 ? "4-bit key" : "8-bit key";
  out.json["key"] = std::string(1, *key);
  out.text = bit_string(bits) + "  key " + *key + "\n";
  return out;
}

// Other formats of the same length: the reader's setting decides, so a person is shown all of them.
std::string alternatives(const wiegand::Bits& bits, const wiegand::Format& shown) {
  std::string text;
  for (const wiegand::Format& format : wiegand::formats()) {
    if (&format == &shown || format.bits != bits.count) continue;
    const Result<wiegand::Card> card = wiegand::decode(bits, format);
    if (!card) continue;
    text += "or " + std::string(format.name) + ": card " + std::to_string(card->number);
    if (card->facility) text += ", facility " + std::to_string(*card->facility);
    text += "\n";
  }
  return text;
}

}  // namespace

Decoded decode_wiegand(ByteView data, const DecodeOptions& options) {
  if (!options.bits) return reject("bits_missing", "say how many bits were captured: --bits N");
  if (*options.bits < 1 || *options.bits > 64) return reject("bit_count", "1 to 64 bits");
  const Result<wiegand::Bits> bits = wiegand::from_number(data, static_cast<unsigned>(*options.bits));
  if (!bits) return reject("bit_count", to_string(bits.error()));
  if (bits->count == 4 || bits->count == 8) return key(*bits);
  const wiegand::Format* format = wiegand::default_format(bits->count);
  if (!format) return reject("unknown_format", "no card format has " + std::to_string(bits->count) + " bits");

  const Result<wiegand::Card> card = wiegand::decode(*bits, *format);
  Decoded out = card ? Decoded{true, {{"valid", true}}, {}} : reject("parity", to_string(card.error()));
  out.json["bit_count"] = bits->count;
  out.json["bits_msb_first"] = bit_string(*bits);
  out.json["format"] = format->name;
  out.json["parity_ok"] = card.has_value();
  out.text += span_text(*bits, format->even, "even parity") + span_text(*bits, format->odd, "odd parity");
  if (!card) return out;
  if (card->facility) {
    out.json["facility_code"] = *card->facility;
    out.text += span_text(*bits, format->facility, "facility code " + std::to_string(*card->facility));
  }
  out.json["card_number"] = card->number;
  if (bits->count == 26) out.json["card_number_24"] = bits->field(1, 24);
  out.text += span_text(*bits, format->card, "card number " + std::to_string(card->number));
  out.text += alternatives(*bits, *format);
  return out;
}

}  // namespace tocsin::decode
