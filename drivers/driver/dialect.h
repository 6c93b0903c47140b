#pragma once
// Which of two ways a meter wants to be asked (an edition of DL/T 645, a byte order of CJ/T 188): found by
// asking, remembered while it answers. Shared by the conversations of one device; any thread.

#include <atomic>

namespace tocsin::driver {

enum class Dialect : int { first, second };

class DialectMemory {
 public:
  // How to ask now. Both are tried in turn until one is answered, and again after `patience` requests without
  // an answer: the meter may have been replaced.
  Dialect next() {
    const int silent = silent_.fetch_add(1);
    const int extra = silent - (known() ? patience : 0);
    const Dialect usual = usual_.load();
    return extra > 0 && extra % 2 == 1 ? other(usual) : usual;
  }
  void answered(Dialect dialect) {
    usual_ = dialect;
    silent_ = 0;
    known_ = true;
  }
  bool known() const { return known_; }

  static constexpr Dialect other(Dialect dialect) {
    return dialect == Dialect::first ? Dialect::second : Dialect::first;
  }

 private:
  static constexpr int patience = 8;

  std::atomic<Dialect> usual_{Dialect::first};
  std::atomic<int> silent_{0};  // requests since the last answer
  std::atomic<bool> known_{false};
};

}  // namespace tocsin::driver
