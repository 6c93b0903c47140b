#pragma once
// Plays a conversation from a script: what must be sent, what is answered.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/bytes/hex.h"
#include "drivers/driver/exchange.h"

namespace tocsin::test {

struct Turn {
  std::string sent;    // hex
  std::string answer;  // hex
};

// The last step: Done or Error after the script's end, or Error earlier. Everything sent is compared with the
// script.
inline driver::Step play(driver::Exchange& exchange, const std::vector<Turn>& script) {
  driver::Step step = exchange.start();
  for (const Turn& turn : script) {
    const auto* send = std::get_if<driver::Send>(&step);
    REQUIRE(send != nullptr);
    CHECK(bytes::to_hex(send->bytes) == bytes::to_hex(*bytes::from_hex(turn.sent)));
    step = exchange.on_frame(*bytes::from_hex(turn.answer));
    if (std::holds_alternative<Error>(step)) return step;
  }
  return step;
}

// Runs `check(step, what)` with every answer of the script damaged in every way that a line or a device can:
// cut at each length, one byte added, each byte changed.
template <class Make, class Check>
void damage_each_answer(Make make, const std::vector<Turn>& script, Check check) {
  for (std::size_t at = 0; at < script.size(); ++at) {
    const Bytes good = *bytes::from_hex(script[at].answer);
    std::vector<Bytes> damaged;
    for (std::size_t size = 0; size < good.size(); ++size)
      damaged.emplace_back(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    damaged.push_back(good);
    damaged.back().push_back(0);
    for (std::size_t i = 0; i < good.size(); ++i) {
      damaged.push_back(good);
      damaged.back()[i] ^= 0x15;
    }
    for (const Bytes& answer : damaged) {
      std::vector<Turn> spoiled(script.begin(), script.begin() + static_cast<std::ptrdiff_t>(at + 1));
      spoiled.back().answer = bytes::to_hex(answer);
      auto exchange = make();
      const std::string what = "turn " + std::to_string(at) + " answered " + spoiled.back().answer;
      INFO(what);
      check(play(*exchange, spoiled), at, answer);
    }
  }
}

}  // namespace tocsin::test
