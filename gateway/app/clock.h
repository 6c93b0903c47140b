#pragma once
// The machine's clocks, read in one place. Thread-safe.

#include "core/value/time.h"

namespace tocsin::gateway {

// CLOCK_BOOTTIME: it goes on while the machine sleeps, and stays the same through restarts of the program.
MonoTime mono_now();
UtcTime utc_now();
std::uint64_t boot_id();  // from the kernel; names the domain of mono_now()
ClockQuality clock_quality();
Stamp stamp_now();
std::uint64_t random_u64();  // from the operating system

}  // namespace tocsin::gateway
