#pragma once
// A Transport in memory with simulated meters at its other end, without time passing.

#include <functional>

#include "drivers/driver/transport.h"
#include "simulators/devices/meter_answers.h"

namespace tocsin::test {

class MeterLine final : public driver::Transport {
 public:
  explicit MeterLine(std::vector<sim::Meter>& meters) : meters_(meters) {}

  sim::Twist twist = sim::Twist::none;
  std::function<void(Bytes& answer)> spoil;        // what the line makes of the answer
  std::function<void(int request)> before_answer;  // counted from 1
  int requests = 0;
  Bytes last_request;

  Status open() override { return {}; }
  void close() override {}
  bool is_open() const override { return true; }
  Result<std::size_t> waiting() override { return input_.size(); }
  Status send(ByteView bytes) override {
    ++requests;
    last_request.assign(bytes.begin(), bytes.end());
    if (before_answer) before_answer(requests);
    const auto found = sim::find_request(meters_, bytes);
    if (found.request) input_ = sim::answer(*found.meter, *found.request, twist);
    if (spoil) spoil(input_);
    return {};
  }
  Result<Bytes> receive(Duration) override {
    if (input_.empty()) return fail(Fault::timeout);
    return std::exchange(input_, {});
  }
  Status recover(Duration) override {
    input_.clear();
    return {};
  }

 private:
  std::vector<sim::Meter>& meters_;
  Bytes input_;
};

}  // namespace tocsin::test
