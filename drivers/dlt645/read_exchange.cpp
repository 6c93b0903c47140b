#include "drivers/dlt645/read_exchange.h"

#include <algorithm>

#include "core/bytes/hex.h"
#include "drivers/dlt645/values.h"
#include "drivers/driver/device_time.h"
#include "drivers/driver/scaled.h"

namespace tocsin::dlt645 {

namespace {

constexpr std::uint8_t read_2007 = 0x11, read_1997 = 0x01, follow_2007 = 0x12, follow_1997 = 0x02;
constexpr std::uint8_t most_following = 32;  // a meter that never ends is refused

driver::Sample sample_of(std::size_t index, const driver::PointSpec& spec,
                         const std::vector<dlt645::Value>& values, std::size_t field) {
  if (field >= values.size()) return driver::bad_sample(index, Fault::wrong_answer);
  const dlt645::Value& value = values[field];
  if (value.quality == Quality::all_ff) return driver::bad_sample(index, Fault::invalid_marker);
  if (value.quality != Quality::good) return driver::bad_sample(index, Fault::wrong_answer);
  if (!value.number) return {index, value.text, tocsin::Quality::good, std::nullopt};
  return driver::scaled_sample(index, spec, value.number->to_double());
}

driver::Dialect dialect_of(Edition edition) {
  return edition == Edition::v2007 ? driver::Dialect::first : driver::Dialect::second;
}

}  // namespace

ReadExchange::ReadExchange(const MeterMap& meter, std::vector<std::size_t> points)
    : meter_(meter),
      points_(std::move(points)),
      what_(meter.points.at(points_.front())),
      edition_(what_.edition) {
  for (const std::size_t point : points_) {
    const auto& time = meter_.points[point].time;
    if (time && items_.empty()) items_ = {*time, what_.identifier, *time};
  }
  if (items_.empty()) items_ = {what_.identifier};
}

driver::Step ReadExchange::start() {
  if (meter_.edition)
    edition_ = meter_.edition->next() == driver::Dialect::first ? Edition::v2007 : Edition::v1997;
  return ask();
}

std::uint32_t ReadExchange::wanted() const {
  if (edition_ == Edition::v1997 && what_.identifier_1997) return *what_.identifier_1997;
  return items_[answers_.size()];
}

driver::Step ReadExchange::ask() {
  data_.clear();
  frames_ = 0;
  function_ = edition_ == Edition::v2007 ? read_2007 : read_1997;
  return send(function_, write_identifier(wanted(), edition_));
}

// The 2007 edition numbers the following frames, the 1997 edition does not.
driver::Step ReadExchange::ask_following() {
  if (++frames_ > most_following)
    return fail(Fault::unsupported, "the answer goes on for more than 32 frames");
  function_ = edition_ == Edition::v2007 ? follow_2007 : follow_1997;
  Bytes data = write_identifier(wanted(), edition_);
  if (edition_ == Edition::v2007) data.push_back(frames_);
  return send(function_, std::move(data));
}

driver::Step ReadExchange::send(std::uint8_t control, Bytes data) const {
  const auto frame = build_frame({meter_.address, control, std::move(data)});
  if (!frame) return frame.error();
  Bytes bytes(preamble + frame->size(), 0xFE);
  std::ranges::copy(*frame, bytes.begin() + preamble);
  return driver::Send{std::move(bytes)};
}

driver::Step ReadExchange::on_frame(ByteView whole) {
  const auto frame = parse_frame(whole);
  if (!frame) return frame.error();
  if (!frame->from_meter() || frame->address != meter_.address)
    return driver::Receive{};  // echo, or another meter
  if (frame->abnormal()) return refused(*frame);
  if (frame->function() != function_ || identifier(*frame, edition_) != wanted())
    return fail(Fault::wrong_answer, "answers another identifier: " + bytes::to_hex(whole));
  if (function_ == follow_2007 && frame->data.back() != frames_)
    return fail(Fault::wrong_answer, "sends following frame " + std::to_string(frame->data.back()) + " for " +
                                         std::to_string(frames_));
  if (meter_.edition) meter_.edition->answered(dialect_of(edition_));
  const ByteView part = answer_data(*frame, edition_);
  data_.insert(data_.end(), part.begin(), part.end());
  return frame->more_frames() ? ask_following() : item_complete();
}

// A 1997 meter may answer a function it never heard of by a refusal (C1) instead of silence.
driver::Step ReadExchange::refused(const Frame& frame) {
  if (meter_.edition && !meter_.edition->known() && !switched_) {
    switched_ = true;
    edition_ = edition_ == Edition::v2007 ? Edition::v1997 : Edition::v2007;
    return ask();
  }
  return fail(Fault::exception, "the meter refuses", frame.data.empty() ? 0 : frame.data.front());
}

driver::Step ReadExchange::item_complete() {
  answers_.push_back(std::move(data_));
  const bool last = answers_.size() == items_.size() || edition_ == Edition::v1997;
  return last ? done() : ask();
}

driver::Step ReadExchange::done() const {
  const bool frozen = answers_.size() > 1;
  if (frozen && answers_.front() != answers_.back())
    return fail(Fault::not_agreed, "the meter froze anew while it was read");
  std::optional<UtcTime> moment;
  if (frozen) {
    const auto values = read_values(items_.front(), edition_, answers_.front());
    if (!values.empty() && values.front().quality == Quality::good)
      moment = driver::device_time(values.front().text);
  }
  const std::uint32_t id =
      edition_ == Edition::v1997 && what_.identifier_1997 ? *what_.identifier_1997 : what_.identifier;
  const auto values = read_values(id, edition_, answers_[frozen ? 1 : 0]);
  driver::Samples samples;
  for (const std::size_t point : points_) {
    const MeterPoint& one = meter_.points[point];
    driver::Sample sample = sample_of(point, meter_.profile->points[point], values, one.field);
    if (one.time && !moment) sample = driver::bad_sample(point, Fault::invalid_marker);
    if (one.time && sample.quality == tocsin::Quality::good) sample.t_source = moment;
    samples.push_back(std::move(sample));
  }
  return driver::Done{std::move(samples)};
}

}  // namespace tocsin::dlt645
