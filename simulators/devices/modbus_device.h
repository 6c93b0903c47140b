#pragma once
// A Modbus slave as memory and answers. Pure: no line, no time.

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "core/bytes/reader.h"

namespace tocsin::sim {

// Addresses that are not in a table are answered with exception 2.
struct ModbusDevice {
  std::map<std::uint16_t, bool> coils, discrete;
  std::map<std::uint16_t, std::uint16_t> holding, input;
  std::function<void(std::uint16_t address, bool level)> on_coil;  // after a write
};

// The answer to one request PDU (function code first): reads 1..4, writes 5, 6, 15, 16; else exception 1.
Bytes answer_pdu(ModbusDevice& device, ByteView request);

// A whole RTU frame in, a whole frame out; empty when the frame is damaged or for another unit.
Bytes answer_rtu(std::map<int, ModbusDevice>& devices, ByteView frame);

// How many bytes the RTU request that starts here has: 0 while that is not known yet.
std::size_t rtu_request_length(ByteView start);

// A whole TCP ADU in, a whole one out; exception 11 for a unit that is not there.
Bytes answer_tcp(std::map<int, ModbusDevice>& devices, ByteView adu);

}  // namespace tocsin::sim
