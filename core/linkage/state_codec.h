#pragma once
// The matrix's memory as bytes at rest, version 1. Integers are little-endian, texts have a u8 length in
// front.
//
//   u8 version = 1 | u64 boot | u64 written (ns, monotonic) | u16 causes | u16 pulses | cause... | pulse... |
//   u32 CRC-32C cause: u8 kind, text zone, text device, u8 flags (1 active, 2 latched), u64 elapsed since its
//   `since` (ns) pulse: u8 kind, text zone, text device, text effect, u8 place among the cause's rows that
//   drive it
//
// A pulse is stored by the cause of its row, not by the row's number: rows may move when the configuration
// changes.

#include "core/bytes/reader.h"
#include "core/linkage/memory.h"

namespace tocsin::linkage {

// `boot` names the domain of `now`.
Bytes encode(const Memory& memory, const Matrix& matrix, std::uint64_t boot, MonoTime now);

// In the same boot time went on while we were away; after another boot the elapsed time is what it was when
// written. Pulses of rows that the matrix no longer has are dropped. Fault::newer_version, Fault::storage for
// anything that encode() did not write.
Result<Memory> decode(ByteView data, const Matrix& matrix, std::uint64_t boot, MonoTime now);

}  // namespace tocsin::linkage
