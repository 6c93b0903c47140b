#pragma once
// A Transport in memory: every send is answered from a list of chunks, without time passing.

#include <deque>
#include <vector>

#include "drivers/driver/transport.h"

namespace tocsin::test {

class ScriptedLine final : public driver::Transport {
 public:
  // What the next send is answered with, chunk by chunk.
  void answer(std::vector<Bytes> chunks) { answers_.push_back(std::move(chunks)); }
  void leave_waiting(Bytes bytes) { input_.push_back(std::move(bytes)); }
  const std::vector<Bytes>& sent() const { return sent_; }
  int recoveries() const { return recoveries_; }

  Status open() override {
    open_ = true;
    return {};
  }
  void close() override { open_ = false; }
  bool is_open() const override { return open_; }
  Result<std::size_t> waiting() override {
    std::size_t count = 0;
    for (const Bytes& chunk : input_) count += chunk.size();
    return count;
  }
  Status send(ByteView bytes) override {
    sent_.emplace_back(bytes.begin(), bytes.end());
    if (answers_.empty()) return {};
    input_.insert(input_.end(), answers_.front().begin(), answers_.front().end());
    answers_.pop_front();
    return {};
  }
  Result<Bytes> receive(Duration) override {
    if (input_.empty()) return fail(Fault::timeout);
    Bytes chunk = std::move(input_.front());
    input_.pop_front();
    return chunk;
  }
  Status recover(Duration) override {
    ++recoveries_;
    input_.clear();
    return {};
  }

 private:
  bool open_ = true;
  int recoveries_ = 0;
  std::deque<std::vector<Bytes>> answers_;
  std::deque<Bytes> input_;
  std::vector<Bytes> sent_;
};

}  // namespace tocsin::test
