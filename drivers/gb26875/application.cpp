#include "drivers/gb26875/application.h"

#include <algorithm>
#include <string>

#include "drivers/gb26875/packet.h"

namespace tocsin::gb26875 {
namespace {

constexpr std::size_t text_size = 31;
constexpr std::uint8_t type_sync_clock = 90;
constexpr std::array without_clock{Field::parameter};

Bytes copy(ByteView data) {
  return Bytes(data.begin(), data.end());
}

void read(Field field, bytes::Reader& in, Object& out) {
  switch (field) {
    case Field::system_type: out.system_type = in.u8(); break;
    case Field::system_addr: out.system_addr = in.u8(); break;
    case Field::part_type: out.part_type = in.u8(); break;
    case Field::part_addr: std::ranges::copy(in.take(out.part_addr.size()), out.part_addr.begin()); break;
    case Field::status: out.status = in.u16_le(); break;
    case Field::status_byte: out.status = in.u8(); break;
    case Field::analog_type: out.analog_type = in.u8(); break;
    case Field::analog: out.analog = static_cast<std::int16_t>(in.u16_le()); break;
    case Field::operation: out.operation = in.u8(); break;
    case Field::operator_id: out.operator_id = in.u8(); break;
    case Field::major: out.major = in.u8(); break;
    case Field::minor: out.minor = in.u8(); break;
    case Field::counted_text: out.text = copy(in.take(in.u8())); break;
    case Field::text31: out.text = copy(in.take(text_size)); break;
    case Field::record_count: out.record_count = in.u8(); break;
    case Field::parameter: out.parameter = in.u8(); break;
    case Field::time: std::ranges::copy(in.take(out.time.size()), out.time.begin()); break;
  }
}

void write_text31(const Bytes& text, bytes::Writer& out) {
  out.raw(text);
  out.raw(Bytes(text_size - text.size()));
}

void write(Field field, const Object& object, bytes::Writer& out) {
  switch (field) {
    case Field::system_type: out.u8(object.system_type); break;
    case Field::system_addr: out.u8(object.system_addr); break;
    case Field::part_type: out.u8(object.part_type); break;
    case Field::part_addr: out.raw(object.part_addr); break;
    case Field::status: out.u16_le(object.status); break;
    case Field::status_byte: out.u8(static_cast<std::uint8_t>(object.status)); break;
    case Field::analog_type: out.u8(object.analog_type); break;
    case Field::analog: out.u16_le(static_cast<std::uint16_t>(object.analog)); break;
    case Field::operation: out.u8(object.operation); break;
    case Field::operator_id: out.u8(object.operator_id); break;
    case Field::major: out.u8(object.major); break;
    case Field::minor: out.u8(object.minor); break;
    case Field::counted_text:
      out.u8(static_cast<std::uint8_t>(object.text.size()));
      out.raw(object.text);
      break;
    case Field::text31: write_text31(object.text, out); break;
    case Field::record_count: out.u8(object.record_count); break;
    case Field::parameter: out.u8(object.parameter); break;
    case Field::time: out.raw(object.time); break;
  }
}

bool contains(std::span<const Field> fields, Field field) {
  return std::ranges::find(fields, field) != fields.end();
}

// "Synchronise clock" carries the clock, yet the standard's own table shows a zero byte in its place: both
// are in use.
std::span<const Field> fields_of(const Layout& layout, ByteView data) {
  if (layout.type == type_sync_clock && data.size() == 3) return without_clock;
  return layout.fields;
}

bool writable(const Object& object, std::span<const Field> fields) {
  if (contains(fields, Field::text31) && object.text.size() > text_size) return false;
  if (contains(fields, Field::counted_text) && object.text.size() > 255) return false;
  return !contains(fields, Field::status_byte) || object.status <= 255;
}

}  // namespace

void Object::set_part(std::uint16_t zone, std::uint16_t point) {
  part_addr = {static_cast<std::uint8_t>(zone), static_cast<std::uint8_t>(zone >> 8),
               static_cast<std::uint8_t>(point), static_cast<std::uint8_t>(point >> 8)};
}

bool Unit::has(Field field) const {
  return contains(fields, field);
}

Result<Unit> parse_unit(ByteView data) {
  bytes::Reader in(data);
  Unit unit;
  unit.type = in.u8();
  const std::size_t count = in.u8();
  if (!in.ok()) return fail(Fault::framing, "no type and count");
  const Layout* layout = find_layout(unit.type);
  if (!layout)
    return fail(Fault::unsupported, "reserved or vendor type " + std::to_string(unit.type), unit.type);
  if (count == 0) return fail(Fault::framing, "no object");
  unit.fields = fields_of(*layout, data);
  while (unit.objects.size() < count && in.ok()) {
    Object object;
    for (const Field field : unit.fields) read(field, in, object);
    unit.objects.push_back(std::move(object));
  }
  if (!in.ok()) return fail(Fault::framing, "too short for its objects");
  if (in.remaining() > 0) return fail(Fault::framing, "longer than its objects");
  return unit;
}

std::size_t size_of(Field field, const Object& object) {
  switch (field) {
    case Field::part_addr: return object.part_addr.size();
    case Field::status:
    case Field::analog: return 2;
    case Field::counted_text: return 1 + object.text.size();
    case Field::text31: return text_size;
    case Field::time: return object.time.size();
    default: return 1;
  }
}

Result<Bytes> build_unit(std::uint8_t type, std::span<const Object> objects) {
  const Layout* layout = find_layout(type);
  if (!layout) return fail(Fault::bad_input, "no layout for type " + std::to_string(type));
  if (objects.empty() || objects.size() > layout->max_count)
    return fail(Fault::bad_input, "number of objects");
  Bytes out;
  bytes::Writer writer(out);
  writer.u8(type);
  writer.u8(static_cast<std::uint8_t>(objects.size()));
  for (const Object& object : objects) {
    if (!writable(object, layout->fields))
      return fail(Fault::bad_input, "text or status too long for its field");
    for (const Field field : layout->fields) write(field, object, writer);
  }
  if (out.size() > max_unit_size) return fail(Fault::bad_input, "unit above 1024 bytes");
  return out;
}

}  // namespace tocsin::gb26875
