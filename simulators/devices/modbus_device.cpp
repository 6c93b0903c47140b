#include "simulators/devices/modbus_device.h"

#include <algorithm>

#include "core/bytes/checksum.h"

namespace tocsin::sim {
namespace {

constexpr std::uint8_t illegal_function = 1, illegal_address = 2, illegal_value = 3, no_such_target = 11;

Bytes exception(std::uint8_t function, std::uint8_t code) {
  return {static_cast<std::uint8_t>(function | 0x80), code};
}

Bytes read_bits(const std::map<std::uint16_t, bool>& table, std::uint8_t function, unsigned start,
                unsigned count) {
  if (count == 0 || count > 2000) return exception(function, illegal_value);
  Bytes answer{function, static_cast<std::uint8_t>((count + 7) / 8)};
  answer.resize(2 + (count + 7) / 8);
  for (unsigned i = 0; i < count; ++i) {
    const auto found = table.find(static_cast<std::uint16_t>(start + i));
    if (found == table.end()) return exception(function, illegal_address);
    if (found->second) answer[2 + i / 8] = static_cast<std::uint8_t>(answer[2 + i / 8] | 1u << (i % 8));
  }
  return answer;
}

Bytes read_registers(const std::map<std::uint16_t, std::uint16_t>& table, std::uint8_t function,
                     unsigned start, unsigned count) {
  if (count == 0 || count > 125) return exception(function, illegal_value);
  Bytes answer{function, static_cast<std::uint8_t>(count * 2)};
  bytes::Writer writer(answer);
  for (unsigned i = 0; i < count; ++i) {
    const auto found = table.find(static_cast<std::uint16_t>(start + i));
    if (found == table.end()) return exception(function, illegal_address);
    writer.u16_be(found->second);
  }
  return answer;
}

bool write_coil(ModbusDevice& device, unsigned address, bool level) {
  const auto found = device.coils.find(static_cast<std::uint16_t>(address));
  if (found == device.coils.end()) return false;
  found->second = level;
  if (device.on_coil) device.on_coil(found->first, level);
  return true;
}

Bytes write_one(ModbusDevice& device, ByteView request, std::uint8_t function, unsigned address,
                std::uint16_t value) {
  if (function == 5) {
    if (value != 0xFF00 && value != 0) return exception(function, illegal_value);
    if (!write_coil(device, address, value != 0)) return exception(function, illegal_address);
  } else {
    const auto found = device.holding.find(static_cast<std::uint16_t>(address));
    if (found == device.holding.end()) return exception(function, illegal_address);
    found->second = value;
  }
  return {request.begin(), request.end()};
}

Bytes write_many(ModbusDevice& device, bytes::Reader& reader, std::uint8_t function, unsigned address,
                 unsigned count) {
  const ByteView data = reader.take(reader.u8());
  const std::size_t expected = function == 15 ? (count + 7) / 8 : count * 2;
  if (!reader.ok() || count == 0 || data.size() != expected) return exception(function, illegal_value);
  for (unsigned i = 0; i < count; ++i) {
    if (function == 15) {
      if (!write_coil(device, address + i, (data[i / 8] >> (i % 8) & 1) != 0))
        return exception(function, illegal_address);
    } else {
      const auto found = device.holding.find(static_cast<std::uint16_t>(address + i));
      if (found == device.holding.end()) return exception(function, illegal_address);
      found->second = static_cast<std::uint16_t>(data[2 * i] << 8 | data[2 * i + 1]);
    }
  }
  Bytes answer{function};
  bytes::Writer writer(answer);
  writer.u16_be(static_cast<std::uint16_t>(address));
  writer.u16_be(static_cast<std::uint16_t>(count));
  return answer;
}

}  // namespace

Bytes answer_pdu(ModbusDevice& device, ByteView request) {
  bytes::Reader reader(request);
  const std::uint8_t function = reader.u8();
  const unsigned address = reader.u16_be();
  const std::uint16_t count = reader.u16_be();
  if (!reader.ok()) return exception(function, illegal_value);
  switch (function) {
    case 1: return read_bits(device.coils, function, address, count);
    case 2: return read_bits(device.discrete, function, address, count);
    case 3: return read_registers(device.holding, function, address, count);
    case 4: return read_registers(device.input, function, address, count);
    case 5:
    case 6: return write_one(device, request, function, address, count);
    case 15:
    case 16: return write_many(device, reader, function, address, count);
    default: return exception(function, illegal_function);
  }
}

Bytes answer_rtu(std::map<int, ModbusDevice>& devices, ByteView frame) {
  if (frame.size() < 4) return {};
  const auto body = frame.first(frame.size() - 2);
  const std::uint16_t crc = bytes::crc16_modbus(body);
  if ((crc & 0xFF) != frame[frame.size() - 2] || crc >> 8 != frame.back()) return {};
  const auto device = devices.find(body[0]);
  if (device == devices.end()) return {};
  Bytes answer{body[0]};
  const Bytes pdu = answer_pdu(device->second, body.subspan(1));
  answer.insert(answer.end(), pdu.begin(), pdu.end());
  const std::uint16_t sum = bytes::crc16_modbus(answer);
  bytes::Writer(answer).u16_le(sum);
  return answer;
}

std::size_t rtu_request_length(ByteView start) {
  if (start.size() < 2) return 0;
  if (start[1] != 15 && start[1] != 16) return 8;
  return start.size() < 7 ? 0 : std::size_t{9} + start[6];
}

Bytes answer_tcp(std::map<int, ModbusDevice>& devices, ByteView adu) {
  if (adu.size() < 8) return {};
  const auto device = devices.find(adu[6]);
  const Bytes pdu = device == devices.end() ? exception(adu[7], no_such_target)
                                            : answer_pdu(device->second, adu.subspan(7));
  Bytes answer(adu.begin(), adu.begin() + 4);
  bytes::Writer writer(answer);
  writer.u16_be(static_cast<std::uint16_t>(pdu.size() + 1));
  writer.u8(adu[6]);
  writer.raw(pdu);
  return answer;
}

}  // namespace tocsin::sim
