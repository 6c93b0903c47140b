#pragma once
// What a fuzz target does with a broken law: it stops, and libFuzzer keeps the input.

#include <cstdlib>

namespace tocsin::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace tocsin::fuzz
