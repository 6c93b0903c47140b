#include "drivers/modbus/exchanges.h"

#include <algorithm>
#include <array>
#include <span>

#include "drivers/modbus/pdu.h"
#include "drivers/modbus/value.h"

namespace tocsin::modbus {

namespace {

// The words of one value, without a heap allocation: a fast line reads a hundred thousand of them a second.
struct Words {
  std::array<std::uint16_t, 4> word{};
  std::size_t count = 0;
  std::span<const std::uint16_t> view() const { return {word.data(), count}; }
};

Words registers(ByteView data, std::size_t first, int width) {
  Words words;
  for (; words.count < static_cast<std::size_t>(width); ++words.count)
    words.word[words.count] = register_at(data, first + words.count);
  return words;
}

}  // namespace

driver::Step ReadExchange::start() {
  request_ = read_request(device_.unit, static_cast<Table>(span_.space),
                          static_cast<std::uint16_t>(span_.first), static_cast<std::uint16_t>(span_.count));
  return driver::Send{request_};
}

driver::Step ReadExchange::on_frame(ByteView frame) {
  const auto data = check_answer(request_, frame);
  if (!data) return data.error();
  driver::Samples samples;
  samples.reserve(span_.points.size());
  for (const std::size_t index : span_.points) {
    const RegisterPoint& point = device_.points[index];
    const driver::PointSpec& spec = device_.profile->points[index];
    const std::size_t at = point.address - span_.first;
    samples.push_back(is_bit_table(point.table)
                          ? decode_bit(index, spec, bit_at(*data, at))
                          : decode(index, spec, point, registers(*data, at, width_of(point.type)).view()));
  }
  return driver::Done{std::move(samples)};
}

driver::Step WriteExchange::start() {
  const RegisterPoint& point = device_.points[point_];
  request_ = point.table == Table::coil ? write_coil_request(device_.unit, point.address, words_.front() != 0)
                                        : write_registers_request(device_.unit, point.address, words_);
  return driver::Send{request_};
}

driver::Step WriteExchange::on_frame(ByteView frame) {
  return written_ ? on_read_back(frame) : on_echo(frame);
}

driver::Step WriteExchange::on_echo(ByteView frame) {
  const auto data = check_answer(request_, frame);
  if (!data) return data.error();
  const RegisterPoint& point = device_.points[point_];
  if (!point.read_back) return driver::Done{};
  written_ = true;
  request_ =
      read_request(device_.unit, point.table, point.address, static_cast<std::uint16_t>(words_.size()));
  return driver::Send{request_};
}

driver::Step WriteExchange::on_read_back(ByteView frame) {
  const auto data = check_answer(request_, frame);
  if (!data && data.error().fault == Fault::exception) return driver::Done{};
  if (!data) return data.error();
  const RegisterPoint& point = device_.points[point_];
  const driver::PointSpec& spec = device_.profile->points[point_];
  const bool coil = point.table == Table::coil;
  const Words words = coil ? Words{{bit_at(*data, 0)}, 1} : registers(*data, 0, width_of(point.type));
  const driver::Sample sample =
      coil ? decode_bit(point_, spec, words.word[0] != 0) : decode(point_, spec, point, words.view());
  if (!std::ranges::equal(words.view(), words_))
    return fail(Fault::not_agreed, spec.name + " reads back " + to_string(sample.value));
  return driver::Done{{sample}};
}

}  // namespace tocsin::modbus
