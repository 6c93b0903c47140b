#pragma once
// Reading one identifier of a meter: DL/T 645-2007 clauses 7.1.2 (read, 11H) and 7.1.3 (following frames,
// 12H), 1997: 01H and 02H. A frozen item is read between two reads of its moment, which have to be equal.

#include "drivers/dlt645/dlt645_driver.h"

namespace tocsin::dlt645 {

inline constexpr std::size_t preamble = 4;  // FE, wakes the meter's receiver

class ReadExchange final : public driver::Exchange {
 public:
  ReadExchange(const MeterMap& meter, std::vector<std::size_t> points);

  driver::Step start() override;
  driver::Step on_frame(ByteView whole) override;

 private:
  driver::Step ask();
  driver::Step ask_following();
  driver::Step send(std::uint8_t control, Bytes data) const;
  driver::Step refused(const Frame& frame);
  driver::Step item_complete();
  driver::Step done() const;
  std::uint32_t wanted() const;  // the identifier of this turn

  const MeterMap& meter_;
  std::vector<std::size_t> points_;
  const MeterPoint& what_;
  Edition edition_;
  bool switched_ = false;             // to the other edition, within this conversation
  std::vector<std::uint32_t> items_;  // moment, item, moment; or the item alone
  std::vector<Bytes> answers_;        // of the items so far
  Bytes data_;                        // of the item under way
  std::uint8_t frames_ = 0;           // of it, after the first
  std::uint8_t function_ = 0;         // asked last
};

}  // namespace tocsin::dlt645
