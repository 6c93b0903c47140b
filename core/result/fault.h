#pragma once
// Everything that can go wrong on an ordinary day in the field, and the one table of what to do about it.

#include <cstdint>
#include <string_view>

namespace tocsin {

enum class Fault : std::uint8_t {
  timeout,         // no complete answer in time
  crc,             // checksum wrong
  framing,         // bytes that are no frame: truncated, noise, wrong length
  wrong_unit,      // a frame of another device
  wrong_answer,    // function, count, identifier or echo does not fit the request
  late,            // bytes were waiting before the request was sent
  exception,       // the device refused by its protocol; Error::code is its code
  unreachable,     // connect refused, cable or adapter gone
  io,              // the operating system reported an error; Error::code is errno
  out_of_range,    // a value outside what the point can have
  invalid_marker,  // the device says itself that it has no value
  warming_up,      // the sensor is not ready yet
  not_agreed,      // a second read did not agree with the first
  disconnected,    // a peer or broker is away
  storage_full,    // no room on disk
  storage,         // the database reports damage or an I/O error
  refused,         // we do not do this: not allowed, wrong state
  bad_input,       // configuration or message from outside that makes no sense
  not_found,
  unsupported,    // a valid thing of the standard that we do not handle
  newer_version,  // written by a newer version of this program
};

// What the caller does next; the only place where this is decided.
enum class Reaction : std::uint8_t {
  retry,        // same request again, within the deadline
  drain_retry,  // quiet the line first, then the same request again
  reopen,       // close the transport, open it again
  report,       // retrying cannot help: show it
};

constexpr Reaction reaction_to(Fault fault) {
  switch (fault) {
    case Fault::timeout:
    case Fault::crc:
    case Fault::framing:
    case Fault::wrong_unit:
    case Fault::wrong_answer:
    case Fault::late: return Reaction::drain_retry;
    case Fault::not_agreed: return Reaction::retry;
    case Fault::unreachable:
    case Fault::io:
    case Fault::disconnected: return Reaction::reopen;
    default: return Reaction::report;
  }
}

// Stable names: they appear in quality strings ("bad:timeout"), JSON and metrics.
std::string_view name_of(Fault fault);

}  // namespace tocsin
