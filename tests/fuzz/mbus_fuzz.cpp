// Any bytes: searched, parsed, rebuilt, interpreted. Frames that parse must be built again unchanged, and
// records that are written must be read back as they were.

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "drivers/mbus/application.h"
#include "drivers/mbus/frame.h"

namespace {

using namespace tocsin;

void check_record(const mbus::Record& record) {
  mbus::scaled_value(record);
  mbus::date_text(record);
  Bytes out;
  if (!mbus::write_record(out, record)) return;
  const bool readable = record.type != mbus::DataType::variable_bcd && record.type != mbus::DataType::binary;
  const auto* real = std::get_if<double>(&record.raw);
  if (!readable || (real != nullptr && std::isnan(*real))) return;
  const auto again = mbus::parse_records(out).value();
  if (again.records.size() != 1 || again.records[0].raw != record.raw) std::abort();
  if (again.records[0].storage != record.storage || again.records[0].tariff != record.tariff) std::abort();
}

void interpret(const mbus::Frame& frame) {
  const auto application = mbus::parse_application(frame);
  if (!application || !application->records) return;
  for (const mbus::Record& record : application->records->records) check_record(record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView rest(data, size);
  while (!rest.empty()) {
    const bytes::Found found = mbus::find_frame(rest);
    if (found.state == bytes::Found::State::need_more) break;
    if (found.size == 0 || found.size > rest.size()) std::abort();
    if (found.state == bytes::Found::State::frame) {
      const auto whole = rest.first(found.size);
      const auto frame = mbus::parse_frame(whole).value();
      if (mbus::build_frame(frame).value() != Bytes(whole.begin(), whole.end())) std::abort();
      interpret(frame);
    }
    rest = rest.subspan(found.size);
  }
  // Without an envelope, so that records are reached without a good checksum.
  mbus::Frame bare{mbus::FrameKind::long_frame, 0x08, 1, size > 0 ? data[0] : mbus::ci::no_header, {}};
  bare.data.assign(data, data + std::min(size, mbus::max_data));
  interpret(bare);
  bare.information = mbus::ci::no_header;
  interpret(bare);
  return 0;
}
