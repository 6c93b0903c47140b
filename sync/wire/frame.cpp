#include "sync/wire/frame.h"

#include <algorithm>
#include <limits>

#include "core/bytes/checksum.h"
#include "sync/wire/compress.h"
#include "sync/wire/message.h"
#include "sync/wire/tocsin.pb.h"

namespace tocsin::wire {
namespace {

void put_bodies(Batch& batch, std::span<const Record> records) {
  BodyList list;
  for (const Record& record : records) list.add_bodies(record.body.data(), record.body.size());
  const Bytes plain = to_bytes(list);
  if (const auto packed = compress(plain)) {
    batch.set_zstd_bodies(packed->data(), packed->size());
    batch.set_zstd_size(static_cast<std::uint32_t>(plain.size()));
  } else {
    batch.mutable_bodies()->Swap(list.mutable_bodies());
  }
}

Status unpack_bodies(Batch& batch) {
  if (batch.zstd_bodies().empty()) return {};
  if (batch.bodies_size() != 0) return fail(Fault::bad_input, "bodies both plain and compressed");
  const auto plain = decompress(as_bytes(batch.zstd_bodies()), batch.zstd_size());
  if (!plain) return plain.error();
  BodyList list;
  if (!parse(*plain, list)) return fail(Fault::bad_input, "compressed content is no list of bodies");
  batch.mutable_bodies()->Swap(list.mutable_bodies());
  return {};
}

Status check_shape(const Batch& batch) {
  const auto count = static_cast<std::uint64_t>(batch.bodies_size());
  if (count == 0 || count > most_records) return fail(Fault::bad_input, "a frame of no or too many records");
  if (batch.crc32c_size() != batch.bodies_size() || batch.stored_ms_size() != batch.bodies_size())
    return fail(Fault::bad_input, "columns of different length");
  if (batch.epoch() == 0) return fail(Fault::bad_input, "no epoch");
  if (batch.first_seq() == 0 || batch.first_seq() > std::numeric_limits<std::uint64_t>::max() - count)
    return fail(Fault::bad_input, "impossible sequence number");
  if (batch.after() >= batch.first_seq()) return fail(Fault::bad_input, "`after` is not before first_seq");
  return {};
}

}  // namespace

Bytes encode_frame(std::uint64_t epoch, Lane lane, std::uint64_t after, std::span<const Record> records,
                   UtcTime sent) {
  Batch batch;
  batch.set_epoch(epoch);
  batch.set_lane(to_wire(lane));
  batch.set_after(after);
  batch.set_first_seq(records.front().seq);
  std::int64_t before = 0;
  for (const Record& record : records) {
    batch.add_crc32c(bytes::crc32c(record.body));
    batch.add_stored_ms(wrapping_minus(utc_ms(record.stored), before));
    before = utc_ms(record.stored);
  }
  batch.set_sent_ms(utc_ms(sent));
  put_bodies(batch, records);
  return to_bytes(batch);
}

Result<Frame> decode_frame(ByteView payload) {
  Batch batch;
  if (!parse(payload, batch)) return fail(Fault::bad_input, "no Batch");
  const auto lane = lane_of(batch.lane());
  if (!lane) return fail(Fault::bad_input, "unknown lane");
  if (const Status unpacked = unpack_bodies(batch); !unpacked) return unpacked.error();
  if (const Status good = check_shape(batch); !good) return good.error();

  Frame frame{batch.epoch(), *lane, batch.after(), {}, utc_of(batch.sent_ms())};
  frame.records.reserve(static_cast<std::size_t>(batch.bodies_size()));
  std::int64_t stored = 0;
  for (int i = 0; i < batch.bodies_size(); ++i) {
    const ByteView body = as_bytes(batch.bodies(i));
    if (bytes::crc32c(body) != batch.crc32c(i)) return fail(Fault::crc, "a body does not fit its checksum");
    stored = wrapping_plus(stored, batch.stored_ms(i));
    frame.records.push_back(
        {batch.first_seq() + static_cast<std::uint64_t>(i), Bytes(body.begin(), body.end()), utc_of(stored)});
  }
  return frame;
}

}  // namespace tocsin::wire
