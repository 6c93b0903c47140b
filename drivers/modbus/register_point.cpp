#include "drivers/modbus/register_point.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tocsin::modbus {

namespace {

constexpr std::array<std::pair<std::string_view, Table>, 4> tables{{{"coil", Table::coil},
                                                                    {"discrete", Table::discrete},
                                                                    {"holding", Table::holding},
                                                                    {"input", Table::input}}};

constexpr std::array<std::pair<std::string_view, Type>, 9> types{{{"bit", Type::bit},
                                                                  {"u16", Type::u16},
                                                                  {"i16", Type::i16},
                                                                  {"u32", Type::u32},
                                                                  {"i32", Type::i32},
                                                                  {"u64", Type::u64},
                                                                  {"i64", Type::i64},
                                                                  {"f32", Type::f32},
                                                                  {"f64", Type::f64}}};

constexpr std::array<std::string_view, 4> orders{"abcd", "cdab", "badc", "dcba"};
constexpr std::array<std::string_view, 7> known_keys{"table", "address", "type",    "order",
                                                     "bit",   "bits",    "readback"};

constexpr int last_address = 65535;
constexpr int bits_per_register = 16;

// Reads the keys and collects what is wrong with them.
class SourceReader {
 public:
  explicit SourceReader(const driver::PointSpec& spec) : spec_(spec) {}

  RegisterPoint read() {
    for (const auto& [key, value] : spec_.source)
      if (std::ranges::find(known_keys, key) == known_keys.end()) wrong("unknown key \"" + key + "\"");
    RegisterPoint point;
    if (!spec_.source.contains("table")) wrong("\"table\" is missing: coil, discrete, holding or input");
    if (!spec_.source.contains("address")) wrong("\"address\" is missing: 0-based wire address");
    point.table = choice("table", tables, Table::holding);
    point.address = static_cast<std::uint16_t>(number("address", 0, last_address, 0));
    point.type = choice("type", types, is_bit_table(point.table) ? Type::bit : Type::u16);
    read_order(point);
    if (spec_.source.contains("bit"))
      point.bit = static_cast<int>(number("bit", 0, bits_per_register - 1, 0));
    point.bits = static_cast<int>(number("bits", 1, bits_per_register, 1));
    if (const auto found = spec_.source.find("readback"); found != spec_.source.end()) {
      if (const bool* flag = std::get_if<bool>(&found->second))
        point.read_back = *flag;
      else
        wrong("\"readback\" is not true or false");
    }
    check_fit(point);
    return point;
  }
  std::vector<std::string> errors() && { return std::move(errors_); }

 private:
  void wrong(std::string text) { errors_.push_back(std::move(text)); }

  std::int64_t number(const char* key, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
    const auto found = spec_.source.find(key);
    if (found == spec_.source.end()) return otherwise;
    const auto* value = std::get_if<std::int64_t>(&found->second);
    if (value != nullptr && *value >= least && *value <= most) return *value;
    wrong("\"" + std::string(key) + "\" is " + to_string(found->second) + ", expected " +
          std::to_string(least) + ".." + std::to_string(most));
    return otherwise;
  }

  std::optional<std::string> text(const char* key) {
    const auto found = spec_.source.find(key);
    if (found == spec_.source.end()) return std::nullopt;
    if (const auto* value = std::get_if<std::string>(&found->second)) return *value;
    wrong("\"" + std::string(key) + "\" is not a text");
    return std::nullopt;
  }

  template <class Choices, class T>
  T choice(const char* key, const Choices& choices, T otherwise) {
    const auto value = text(key);
    if (!value) return otherwise;
    for (const auto& [name, meaning] : choices)
      if (name == *value) return meaning;
    std::string expected;
    for (const auto& [name, meaning] : choices)
      expected += (expected.empty() ? "" : ", ") + std::string(name);
    wrong("\"" + std::string(key) + "\" is \"" + *value + "\", expected one of " + expected);
    return otherwise;
  }

  void read_order(RegisterPoint& point) {
    const std::string order = text("order").value_or("abcd");
    if (std::ranges::find(orders, order) == orders.end())
      wrong("\"order\" is \"" + order + "\", expected one of abcd, cdab, badc, dcba");
    point.words_swapped = order == "cdab" || order == "dcba";
    point.bytes_swapped = order == "badc" || order == "dcba";
  }

  void check_fit(const RegisterPoint& point) {
    if (is_bit_table(point.table) != (point.type == Type::bit))
      wrong("a coil or discrete input is a \"bit\", a register is not");
    if (point.bit && point.type != Type::u16) wrong("\"bit\" needs type u16");
    if (!point.bit && spec_.source.contains("bits")) wrong("\"bits\" needs \"bit\"");
    if (point.bit.value_or(0) + point.bits > bits_per_register)
      wrong("\"bit\" and \"bits\" reach beyond the register");
    if (point.address + width_of(point.type) - 1 > last_address)
      wrong("the value reaches beyond address 65535");
    if (!spec_.writable) return;
    if (point.table == Table::discrete || point.table == Table::input)
      wrong("only a coil or holding register is writable");
    if (point.bit) wrong("part of a register is not writable");
  }

  const driver::PointSpec& spec_;
  std::vector<std::string> errors_;
};

}  // namespace

int width_of(Type type) {
  switch (type) {
    case Type::u32:
    case Type::i32:
    case Type::f32: return 2;
    case Type::u64:
    case Type::i64:
    case Type::f64: return 4;
    default: return 1;
  }
}

std::vector<std::string> check_source(const driver::PointSpec& spec) {
  SourceReader reader(spec);
  reader.read();
  return std::move(reader).errors();
}

Result<RegisterPoint> register_point(const driver::PointSpec& spec) {
  SourceReader reader(spec);
  const RegisterPoint point = reader.read();
  const auto errors = std::move(reader).errors();
  if (!errors.empty()) return fail(Fault::bad_input, "point " + spec.name + ": " + errors.front());
  return point;
}

}  // namespace tocsin::modbus
