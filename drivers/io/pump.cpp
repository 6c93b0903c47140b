#include "drivers/io/pump.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace tocsin::io {

namespace {

using Clock = std::chrono::steady_clock;
using driver::Step;

constexpr std::size_t longest_noise = 4096;  // input that never becomes a frame

Duration since(Clock::time_point start) {
  return std::chrono::duration_cast<Duration>(Clock::now() - start);
}

// Bytes come in, frames go out, within one deadline.
class FrameReader {
 public:
  FrameReader(driver::Transport& transport, const driver::FrameProtocol& frames, const Trace& trace)
      : transport_(transport), frames_(frames), trace_(trace) {}

  Result<Bytes> next(Clock::time_point deadline) {
    while (true) {
      if (auto frame = take()) return std::move(*frame);
      const auto left = std::chrono::duration_cast<Duration>(deadline - Clock::now());
      if (left <= Duration{0} || input_.size() > longest_noise) return last_look();
      auto got = transport_.receive(left);
      if (!got && got.error().fault == Fault::timeout && seen_ > 0) return last_look();
      if (!got) return got.error();
      trace_('<', *got);
      seen_ += got->size();
      if (input_.empty())
        input_ = std::move(*got);
      else
        input_.insert(input_.end(), got->begin(), got->end());
    }
  }
  void forget() {
    input_.clear();
    seen_ = 0;
    bad_checksum_ = false;
  }

 private:
  std::optional<Bytes> take() {
    while (!input_.empty()) {
      const bytes::Found found = frames_.find(input_);
      if (found.state == bytes::Found::State::need_more) return std::nullopt;
      if (found.state == bytes::Found::State::frame && found.size == input_.size())
        return std::exchange(input_, {});
      const auto end = input_.begin() + static_cast<std::ptrdiff_t>(std::min(found.size, input_.size()));
      Bytes part(input_.begin(), end);
      input_.erase(input_.begin(), end);
      if (found.state == bytes::Found::State::frame) return part;
      if (found.reason == bytes::Found::Reason::checksum) bad_checksum_ = true;
    }
    return std::nullopt;
  }

  // No more will come: what looked like the start of a long frame was noise, and the answer may stand behind
  // it.
  Result<Bytes> last_look() {
    while (!input_.empty()) {
      input_.erase(input_.begin());
      if (auto frame = take()) return std::move(*frame);
    }
    return unfinished();
  }

  Error unfinished() const {
    if (bad_checksum_) return fail(Fault::crc, "the checksum is wrong");
    if (seen_ > 0) return fail(Fault::framing, std::to_string(seen_) + " bytes, but no frame");
    return fail(Fault::timeout, "no answer");
  }

  driver::Transport& transport_;
  const driver::FrameProtocol& frames_;
  const Trace& trace_;
  Bytes input_;
  std::size_t seen_ = 0;
  bool bad_checksum_ = false;
};

Result<driver::Samples> converse(driver::Transport& transport, FrameReader& reader,
                                 driver::Exchange& exchange, const PumpTimes& times, const Trace& trace,
                                 Duration& answer) {
  Clock::time_point sent{};
  Step step = exchange.start();
  while (true) {
    if (auto* done = std::get_if<driver::Done>(&step)) return std::move(done->samples);
    if (auto* error = std::get_if<Error>(&step)) return std::move(*error);
    if (const auto* send = std::get_if<driver::Send>(&step)) {
      if (sent != Clock::time_point{}) std::this_thread::sleep_for(times.turnaround);
      reader.forget();
      trace('>', send->bytes);
      if (auto status = transport.send(send->bytes); !status) return status.error();
      sent = Clock::now();
    }
    auto frame = reader.next(sent + times.answer);
    if (!frame) return frame.error();
    answer = since(sent);
    step = exchange.on_frame(*frame);
  }
}

}  // namespace

PumpResult pump(driver::Transport& transport, const driver::FrameProtocol& frames, driver::Exchange& exchange,
                const PumpTimes& times, const Trace& trace) {
  PumpResult result{driver::Samples{}};
  const auto give_up = [&](const Error& error) {
    transport.close();
    result.samples = error;
    return result;
  };
  const auto waiting = transport.waiting();
  if (!waiting) return give_up(waiting.error());
  if (*waiting > 0) {
    result.late = true;
    if (auto clean = transport.recover(times.late); !clean) return give_up(clean.error());
  }
  FrameReader reader(transport, frames, trace);
  result.samples = converse(transport, reader, exchange, times, trace, result.answer);
  if (result.samples) return result;
  const Error& error = result.samples.error();
  if (reaction_to(error.fault) == Reaction::reopen) {
    transport.close();
  } else if (error.fault != Fault::exception) {
    if (auto clean = transport.recover(times.late); !clean) transport.close();
  }
  return result;
}

}  // namespace tocsin::io
