#pragma once
// The conversations with a CJ/T 188 meter: reading an identifier (01H), and moving its valve (04H, A017) with
// the state read back (clauses 7.2, 7.3).

#include "drivers/cjt188/cjt188_driver.h"

namespace tocsin::cjt188 {

inline constexpr std::size_t preamble = 4;  // FE, wakes the meter's receiver
inline constexpr std::string_view valve_field = "valve";

class ReadExchange final : public driver::Exchange {
 public:
  ReadExchange(const MeterMap& meter, std::vector<std::size_t> points)
      : meter_(meter), points_(std::move(points)), what_(meter.points.at(points_.front())) {}

  driver::Step start() override;
  driver::Step on_frame(ByteView whole) override;

 private:
  const MeterMap& meter_;
  std::vector<std::size_t> points_;
  const MeterPoint& what_;
  Order order_ = Order::high_first;
};

// Ends with the valve's state as the meter reports it: it takes up to a minute to move, so that may still be
// the old one. The caller has asked may_move() first.
class ValveExchange final : public driver::Exchange {
 public:
  ValveExchange(const MeterMap& meter, std::size_t point, bool close)
      : meter_(meter), point_(point), close_(close), read_(meter, {point}) {}

  driver::Step start() override;
  driver::Step on_frame(ByteView whole) override;

 private:
  const MeterMap& meter_;
  std::size_t point_;
  bool close_;
  ReadExchange read_;
  Order order_ = Order::high_first;
  bool moved_ = false;
};

// Error refused with the reason.
Status may_move(const MeterMap& meter, bool close);

}  // namespace tocsin::cjt188
