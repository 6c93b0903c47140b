#pragma once
// An RS-485 line in memory with everything on it that a line can have: flipped bits, foreign bytes before,
// inside and after a frame, frames cut short, silence, answers that come one request too late, and whole
// frames of the right shape with made-up data. No time passes. Deterministic by its seed.

#include <cstdint>
#include <map>
#include <memory>
#include <random>

#include "drivers/driver/exchange.h"
#include "drivers/driver/frame_protocol.h"
#include "drivers/driver/transport.h"

namespace tocsin::noise {

// What the slaves say: bits of function 2 and registers of function 3, by unit.
struct Truth {
  std::map<int, std::uint8_t> bits;
  std::map<int, std::uint16_t> registers;
};

class NoisyLine final : public driver::Transport {
 public:
  NoisyLine(const Truth& truth, std::uint64_t seed) : truth_(truth), random_(seed) {}

  void disturb(double share) { share_ = share; }  // of the answers
  std::uint64_t damaged() const { return damaged_; }

  Status open() override { return {}; }
  void close() override { input_.clear(); }
  bool is_open() const override { return true; }
  Result<std::size_t> waiting() override { return input_.size(); }
  Status send(ByteView request) override;
  Result<Bytes> receive(Duration timeout) override;
  Status recover(Duration longest_answer) override;

 private:
  Bytes answer(ByteView request) const;
  void damage(Bytes& frame);
  int pick(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  Bytes random_bytes(int count);

  const Truth& truth_;
  std::mt19937_64 random_;
  double share_ = 0;
  std::uint64_t damaged_ = 0;
  Bytes input_;  // on the way to the master
  Bytes late_;   // comes with the answer to the next request
};

// Finds RTU answers in the bytes, as the serial line guide frames them.
class RtuAnswers final : public driver::FrameProtocol {
 public:
  bytes::Found find(ByteView input) const override;
};

// The product's conversation, with the checksum put on and taken off as drivers/io/modbus_link has it done.
class OverRtu final : public driver::Exchange {
 public:
  explicit OverRtu(std::unique_ptr<driver::Exchange> inner) : inner_(std::move(inner)) {}
  driver::Step start() override { return inner_->start(); }
  driver::Step on_frame(ByteView frame) override { return inner_->on_frame(frame.first(frame.size() - 2)); }

 private:
  std::unique_ptr<driver::Exchange> inner_;
};

}  // namespace tocsin::noise
