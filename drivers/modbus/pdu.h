#pragma once
// Requests and the check of answers, Modbus Application Protocol V1.1b3. A message here is unit identifier,
// function code and data: the part that RTU and TCP share. Checksum and MBAP header belong to the link.

#include "core/bytes/reader.h"
#include "core/result/result.h"
#include "drivers/modbus/register_point.h"

namespace tocsin::modbus {

constexpr std::uint32_t most_registers = 125;  // 6.3, 6.4
constexpr std::uint32_t most_bits = 2000;      // 6.1, 6.2

// Exception codes, clause 7.
constexpr int illegal_address = 2, illegal_value = 3, gateway_path_unavailable = 10,
              gateway_target_silent = 11;

Bytes read_request(std::uint8_t unit, Table table, std::uint16_t first, std::uint16_t count);
Bytes write_coil_request(std::uint8_t unit, std::uint16_t address, bool on);  // 6.5
// One register: function 6, more: function 16.
Bytes write_registers_request(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> words);

// The data of a good answer to `request`: bits or registers of a read without the byte count, the echo of a
// write. wrong_unit, wrong_answer (function, count, echo), framing (length), exception (Error::code); timeout
// when a gateway says that its device does not answer.
Result<ByteView> check_answer(ByteView request, ByteView answer);

// A whole Modbus TCP frame without its header; wrong_answer for a foreign transaction or protocol, framing
// for a wrong length.
Result<ByteView> without_mbap(ByteView frame, std::uint16_t transaction);

bool bit_at(ByteView data, std::size_t index);
std::uint16_t register_at(ByteView data, std::size_t index);

}  // namespace tocsin::modbus
