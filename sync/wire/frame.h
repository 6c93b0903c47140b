#pragma once
// A frame: contiguous records of one lane, the content of up/alarm, up/event and up/data (message Batch).

#include <span>
#include <string>
#include <vector>

#include "core/result/result.h"
#include "sync/wire/lane.h"

namespace tocsin::wire {

struct Frame {
  std::uint64_t epoch = 0;
  Lane lane{};
  std::uint64_t after = 0;      // nothing up to here is left to send
  std::vector<Record> records;  // at least one; seq contiguous
  UtcTime sent{};
};

// Bytes that one record adds to a frame at most, beside its body; and the frame itself.
inline constexpr std::size_t record_overhead = 24;
inline constexpr std::size_t frame_overhead = 96;
inline constexpr std::size_t most_records = 8192;  // per frame; more is refused

// `records` is not empty.
Bytes encode_frame(std::uint64_t epoch, Lane lane, std::uint64_t after, std::span<const Record> records,
                   UtcTime sent);

// Fault::bad_input: no such message. Fault::crc: a body does not fit its checksum.
Result<Frame> decode_frame(ByteView payload);

}  // namespace tocsin::wire
